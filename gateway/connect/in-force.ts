import type { Policy } from '../config/policy.ts';
import type { Breakers } from './chain/breakers.ts';
import type { Connector } from './connector.ts';

export type InForceOptions = {
  kind: Connector['kind'];
  policy: Policy;
  /** How many endpoints calls are spread over. */
  endpoints: number;
  breakers?: Breakers | undefined;
};

/** What is told of the rules for an operation of a source: no secrets, no addresses. Durations in ms. */
export function rulesInForce(
  { kind, policy, endpoints, breakers }: InForceOptions,
  source: string,
  operation: string,
): Readonly<Record<string, unknown>> {
  const { deadlineMs, coalesce, cache, retry, hedge, breaker, concurrency, auth } = policy;
  const own = policy.operations[operation];
  const kept = own?.cache ?? (kind === 'rest' && cache.respectHeaders ? 'as its headers allow' : undefined);
  const seen = breakers?.get(source, operation);
  const state = seen?.forced ?? seen?.state ?? 'closed';
  const [scheme] = Object.entries(auth ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const rules = {
    deadlineMs,
    coalesce,
    cache: kept ?? 'off',
    retry,
    hedge,
    breaker: breaker ? { ...breaker, state } : seen?.forced && { state },
    concurrency,
    idempotent: own?.idempotent,
    auth: scheme,
    endpoints,
  };
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
}
