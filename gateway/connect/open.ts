import { type Abortable, Ending } from '../lib/ending.ts';
import type { AccessOptions } from './auth/access.ts';
import { createCredentials } from './auth/index.ts';
import { createMemoryStore } from './cache/memory-store.ts';
import type { CacheStore } from './cache/store.ts';
import { createBalancer } from './chain/balance.ts';
import { createBreakerRule, createHoldRule } from './chain/breaker.ts';
import { type Breakers, createBreakers } from './chain/breakers.ts';
import { createBulkhead, createBulkheadRule } from './chain/bulkhead.ts';
import { type CachePlan, createCacheRule } from './chain/cache.ts';
import { createByKeyRule } from './chain/cache-by-key.ts';
import { createCoalesceRule } from './chain/coalesce.ts';
import { composeRules } from './chain/compose.ts';
import { createDeadlineRule } from './chain/deadline.ts';
import { startHealthChecks } from './chain/health.ts';
import { createHedgeRule } from './chain/hedge.ts';
import { createRequestSizeRule } from './chain/request-size.ts';
import { createRetryRule } from './chain/retry.ts';
import { createBudgetRule, createRetryBudget } from './chain/retry-budget.ts';
import { createRowsRule } from './chain/rows.ts';
import type { Call, CallKey, CallRule, Connector, ConnectorOptions } from './connector.ts';
import { createGraphqlConnector } from './graphql/connector.ts';
import { createGrpcConnector } from './grpc/connector.ts';
import { createGuard } from './guard.ts';
import { createHeaders } from './headers.ts';
import { argumentsKey } from './key.ts';
import { operationsOf, type StreamShared, surroundStreams } from './open-streams.ts';
import { createPassings, isPersonal } from './response-headers.ts';
import { createRestConnector } from './rest/connector.ts';
import type { Unchanged } from './unchanged.ts';

const constructors: Readonly<Record<Connector['kind'], (options: AccessOptions) => Connector>> = {
  rest: createRestConnector,
  grpc: createGrpcConnector,
  graphql: createGraphqlConnector,
};

/** What the rules of all sources share and what outlives a generation; each has a form of its own here when it is not given. */
export type CallResources = {
  /** Where answers are kept (else in memory, 16 MiB for the source). */
  store?: CacheStore;
  /** Told when the store fails. */
  onStoreFault?: (error: unknown) => void;
  breakers?: Breakers;
  /** Opens what recognizes answers of a source that come again as they were; without it none is. */
  unchanged?: () => Unchanged;
  /** A number from 0 up to, not including, 1. */
  random?: () => number;
};

type Shared = CallResources & StreamShared;

const OWN_STORE_BYTES = 16_777_216;
/** Longest time of a call in the background, where the source has no limit of its own. */
const REFRESH_MS = 10_000;
/** What hedges may draw on where there are no retries to say so. */
const HEDGE_BUDGET = { budgetPercent: 10, budgetBurst: 10 };

/**
 * Opens the connector of one source with the rules of the house around each call, as its policy asks for them:
 *
 * size of the request → `outer` (trace) → deadline → by key → coalesce → cache → bulkhead → breaker → retry within a budget → hedge → balance → transport
 *
 * Around the opening of a stream stand breaker, retry and balance; those that become lists wait for a place.
 *
 * @param outer rules that stand before all others, outermost first
 * @throws GatewayError SOURCE_UNAVAILABLE when the source cannot be called at all; the message says what to change
 */
export function openConnector(
  kind: Connector['kind'],
  options: ConnectorOptions,
  outer: readonly CallRule[] = [],
  resources: CallResources = {},
): Connector {
  const { source, policy, now } = options;
  // One token serves all endpoints of a source.
  const { allowInternal } = policy.endpoints;
  const credentials = createCredentials(policy.auth, { source, allowInternal, now, contract: options });
  const unchanged = resources.unchanged?.();
  const transport = openEndpoints(kind, { ...options, credentials, unchanged }, resources.random ?? Math.random);
  return surround(transport, options, outer, resources, async () => await credentials?.[Symbol.asyncDispose]());
}

/** Puts the rules around the calls of a transport; `dispose` ends what is used beside it. */
export function surround(
  transport: Connector,
  options: ConnectorOptions,
  outer: readonly CallRule[] = [],
  resources: CallResources = {},
  dispose: () => Promise<void> = async () => undefined,
): Connector {
  const { source, policy, now } = options;
  const shared = {
    ...resources,
    breakers: resources.breakers ?? createBreakers(),
    bulkhead: policy.concurrency && createBulkhead({ source, ...policy.concurrency }),
    budget: createRetryBudget(policy.retry ?? HEDGE_BUDGET),
    random: resources.random ?? Math.random,
  };
  const lifetime = new Ending();
  const deadline = createDeadlineRule({ source, deadlineMs: policy.deadlineMs, now });
  // What is refused for its size is no call.
  const first = [createRequestSizeRule(options), ...outer, deadline];
  const call = composeRules([...first, ...innerRules(transport, options, shared, first, lifetime)], transport.call);
  return {
    ...transport,
    // Rules tell the record of the call what they did.
    call: (called) => call(called.notes ? called : { ...called, notes: {} }),
    ...(transport.stream && { stream: surroundStreams(transport.kind, transport.stream, options, shared) }),
    [Symbol.asyncDispose]: async () => {
      lifetime.abort(new DOMException('The source is closed.', 'AbortError'));
      await transport[Symbol.asyncDispose]();
      await dispose();
    },
  };
}

/** One connector per endpoint, behind a balancer where there are several. */
function openEndpoints(kind: Connector['kind'], options: AccessOptions, random: () => number): Connector {
  const { source, endpoints, endpointsFromContract: onlyContract = false, now } = options;
  const { tlsMaterial: tls, endpoints: rules } = options.policy;
  const { outlier, health, allowInternal } = rules;
  const isGrpc = kind === 'grpc';
  const guards = endpoints.map((endpoint) =>
    createGuard({ source, endpoint, isGrpc, allowInternal, onlyContract, now }),
  );
  const [first, second, ...others] = endpoints.map((endpoint, index) =>
    constructors[kind]({ ...options, endpoints: [endpoint], guard: guards[index] }),
  );
  if (!first) return constructors[kind](options);
  if (!second) return first;
  const balancer = createBalancer({ connectors: [first, second, ...others], policy: outlier, now, random });
  if (!health) return balancer;
  const checks = startHealthChecks({
    source,
    kind,
    endpoints,
    guards,
    tls,
    policy: health,
    report: balancer.report,
    random,
  });
  return {
    ...balancer,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([checks[Symbol.asyncDispose](), balancer[Symbol.asyncDispose]()]);
    },
  };
}

function innerRules(
  transport: Connector,
  options: ConnectorOptions,
  { store, onStoreFault, breakers, bulkhead, budget, random }: Shared,
  behind: readonly CallRule[],
  lifetime: Abortable,
): CallRule[] {
  const { source, policy, now } = options;
  const queries = new Set(options.operations.flatMap(({ name, kind }) => (kind === 'query' ? [name] : [])));
  const isRead = (call: Call): boolean => call.idempotent && queries.has(call.operation);
  const isIdempotent = (call: Call): boolean => policy.operations[call.operation]?.idempotent ?? isRead(call);
  const headersOf = createHeaders(options);
  const keyedHeaders = (call: Call): ReadonlyMap<string, string> => headersOf(call, [], true);
  const keyOf = (call: Call): CallKey | undefined =>
    transport.keyOf ? transport.keyOf(call) : argumentsKey(call, keyedHeaders);
  const rules: CallRule[] = [];

  const passingOf = createPassings(policy);
  const isShared = (call: Call): boolean => isRead(call) && !isPersonal(passingOf?.(call.operation));
  const plans = cachePlans(transport.kind, options);
  const kept = plans.size > 0 ? (store ?? createMemoryStore({ maxBytes: OWN_STORE_BYTES, now })) : undefined;
  const caching = {
    source,
    planOf: (operation: string) => plans.get(operation),
    keyOf,
    behind,
    refreshMs: policy.deadlineMs ?? REFRESH_MS,
    lifetime,
    now,
    ...(onStoreFault && { onFault: onStoreFault }),
  };
  const byKey = { ...caching, store: kept, isShared: (call: Call) => policy.coalesce && isShared(call) };
  rules.push(policy.coalesce || kept ? createByKeyRule(byKey) : createRowsRule());
  if (policy.coalesce) rules.push(createCoalesceRule({ source, isRead: isShared, keyOf, now }));
  if (kept) rules.push(createCacheRule({ ...caching, store: kept }));
  const { breaker, retry, hedge } = policy;
  if (bulkhead) rules.push(createBulkheadRule(bulkhead));
  const known = { source, operations: operationsOf(options, false), breakers };
  rules.push(breaker ? createBreakerRule({ ...known, policy: breaker, now }) : createHoldRule(known));
  if (retry || hedge) {
    rules.push(createBudgetRule(budget, isIdempotent));
    if (retry) rules.push(createRetryRule({ source, policy: retry, budget, isIdempotent, now, random }));
    if (hedge)
      rules.push(
        createHedgeRule({ source, policy: hedge, budget, isRead: (call) => isRead(call) && isIdempotent(call), now }),
      );
  }
  return rules;
}

/** What the cache may do for each operation; without any it stays away. */
function cachePlans(kind: Connector['kind'], { operations, policy }: ConnectorOptions): ReadonlyMap<string, CachePlan> {
  const heeds = kind === 'rest' && policy.cache.respectHeaders;
  const passingOf = createPassings(policy);
  const plans = new Map<string, CachePlan>();
  for (const { name, kind: root, wire } of operations) {
    const ages = policy.operations[name]?.cache;
    const byHeaders = heeds && String(wire['httpMethod']).toUpperCase() === 'GET';
    if (root === 'query' && (ages || byHeaders) && !isPersonal(passingOf?.(name)))
      plans.set(name, { kind: 'read', ages, byHeaders });
    if (root === 'mutation' && heeds) plans.set(name, { kind: 'write', ages: undefined, byHeaders: false });
  }
  return plans;
}
