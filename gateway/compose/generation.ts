import { buildASTSchema, type GraphQLSchema, parse } from 'graphql';
import { DEFAULT_CALL_WEIGHT } from '../config/cost.ts';
import type { HeaderRules } from '../config/headers.ts';
import type { Policy } from '../config/policy.ts';
import { readContractSecurity } from '../connect/auth/contract-security.ts';
import { createTraceRule, type TraceOptions } from '../connect/chain/trace.ts';
import type { Connector, ConnectorOperation } from '../connect/connector.ts';
import { createForwarded } from '../connect/forwarded.ts';
import { rulesInForce } from '../connect/in-force.ts';
import { type CallResources, openConnector } from '../connect/open.ts';
import { createPassingOf } from '../connect/response-headers.ts';
import { GatewayError } from '../errors.ts';
import { createAsk } from '../execute/ask.ts';
import { attachResolvers } from '../execute/attach.ts';
import type { ExecutionParts } from '../execute/compiled/executor.ts';
import { attachEnums } from '../execute/enums.ts';
import { createInsight, type Insight } from '../execute/insight.ts';
import type { CallLimits } from '../execute/limits.ts';
import { type Model, readModel } from '../execute/model.ts';
import { createPerform } from '../execute/perform.ts';
import { createPlanner, type Planner } from '../execute/planner.ts';
import { attachScalars } from '../execute/scalars.ts';
import { createOpenUpstream, DEFAULT_MAX_ITEMS, type StreamRule } from '../execute/stream.ts';
import { directivesNamed } from '../lib/sdl.ts';
import { endpointsOf } from './endpoints.ts';
import { deprecate, operationsOf, rootsOf } from './root-fields.ts';
import type { SourceState } from './source-state.ts';

export type { SourceState } from './source-state.ts';

/** One immutable build of everything a request needs. Requests pin the generation they started on. */
export type Generation = {
  id: string;
  schema: GraphQLSchema;
  publicSdl: string;
  sources: readonly SourceState[];
  /** What operations come to, before and after they are run. */
  insight: Insight;
  /** What the schema says, and the one planner of its operations. */
  model: Model;
  planner: Planner;
  /** What the compiled executor runs operations with; without it the reference executor runs them all, by the schema's resolvers. */
  execution?: ExecutionParts;
  [Symbol.asyncDispose](): Promise<void>;
};

/** How one source is reached: what does not stand in the built text. */
export type SourceSettings = {
  policy: Policy;
  /** From policy.yaml, else from .meshrc.yaml; empty for the contract's own server. */
  endpoints: readonly string[];
  headers: Readonly<Record<string, string>>;
};

export type GenerationOptions = {
  id: string;
  privateText: string;
  publicText: string;
  settings: ReadonlyMap<string, SourceSettings>;
  states: readonly SourceState[];
  /** Rules for the headers of calls to every source. */
  headerRules: HeaderRules;
  limits: CallLimits;
  maxBodyBytes: number;
  /** See `ConnectorOptions`. */
  maxRequestBytes?: number;
  now: () => number;
  /** What the rules about calls share; without it each source has its own. */
  resources?: CallResources;
  /** Told of rules of policies for operations that their sources do not have, as `source.operation`: they do nothing. */
  onStrange?: (rules: readonly string[]) => void;
  /** Told of every finished call; `error` is what it failed with. */
  onCall: TraceOptions['record'];
};

/**
 * Builds a generation from the unified schema's private text. Needs neither Mesh nor stitch, neither contracts nor the network.
 * A source that cannot be called (no endpoint, say) is degraded; the others are served.
 */
export function buildGeneration(options: GenerationOptions): Generation {
  const document = parse(options.privateText, { noLocation: true });
  const schema = attachEnums(buildASTSchema(document, { assumeValidSDL: true }));
  attachScalars(schema);
  const operations = operationsOf(schema);
  const policies = new Map(
    [...options.settings].map(([name, { policy }]) => [name, withUnifiedNames(policy, operations.get(name) ?? [])]),
  );
  const strange = strangeRules(options.settings, operations);
  if (strange.length > 0) options.onStrange?.(strange);
  const model = readModel(schema, (source, field) => policies.get(source)?.operations[field]?.batchSize);
  const { connectors, faults } = openConnectors(model, operations, policies, options);
  deprecate(operations, options.states);
  const ask = createAsk({ limits: options.limits, passingOf: createPassingOf(policies) });
  const openUpstream = createOpenUpstream({
    connectors,
    ask,
    ruleOf: (source, operation) => streamRule(policies.get(source), operation),
    onCall: options.onCall,
    now: options.now,
  });
  const planner = createPlanner(model);
  const attachments = { planner, perform: createPerform(connectors, ask), openUpstream };
  const hasOwnResolvers = attachResolvers(schema, model, attachments);
  return {
    id: options.id,
    schema,
    publicSdl: options.publicText,
    sources: options.states.map((state) => withFault(state, faults.get(state.name))),
    model,
    planner,
    execution: { ...attachments, model, hasOwnResolvers },
    insight: createInsight({
      model,
      planner,
      forwardedOf: forwardedOf(policies, options),
      generation: options.id,
      shares: (source) => policies.get(source)?.coalesce === true,
      weightOf: (source, operation) => policies.get(source)?.operations[operation]?.weight ?? DEFAULT_CALL_WEIGHT,
      policyOf: (source, operation) => {
        const policy = policies.get(source);
        const kind = model.kinds.get(source) as Connector['kind'] | undefined;
        if (!policy || !kind) return {};
        const endpoints = Math.max(1, options.settings.get(source)?.endpoints.length ?? 1);
        const breakers = options.resources?.breakers;
        return rulesInForce({ kind, policy, endpoints, breakers }, source, operation);
      },
    }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...connectors.values()].map((connector) => connector[Symbol.asyncDispose]()));
    },
  };
}

/** A team knows its own names: rules for operations hold under the names they have in the unified schema, too. */
function withUnifiedNames(policy: Policy, operations: readonly ConnectorOperation[]): Policy {
  const rules = operations.flatMap(({ name, field }) => {
    const [renamed] = directivesNamed(field.astNode, 'source');
    const rule = policy.operations[String(renamed?.['name'] ?? name)] ?? policy.operations[name];
    return rule === undefined ? [] : [[name, rule] as const];
  });
  return { ...policy, operations: Object.fromEntries(rules) };
}

/** Headers of clients that shape answers; a source whose headers cannot be sent is degraded, and answers nothing. */
function forwardedOf(
  policies: ReadonlyMap<string, Policy>,
  { headerRules, settings }: GenerationOptions,
): (source: string, operation: string) => readonly string[] {
  const bySource = new Map(
    [...policies].map(([source, policy]) => {
      try {
        return [source, createForwarded(source, headerRules, policy, settings.get(source)?.headers ?? {})] as const;
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        return [source, () => []] as const;
      }
    }),
  );
  return (source, operation) => bySource.get(source)?.(operation) ?? [];
}

function streamRule(policy: Policy | undefined, operation: string): StreamRule {
  const { maxItems = DEFAULT_MAX_ITEMS } = policy?.operations[operation] ?? {};
  return { maxItems, deadlineMs: policy?.deadlineMs };
}

function openConnectors(
  { schema, kinds }: Model,
  operations: ReadonlyMap<string, ConnectorOperation[]>,
  policies: ReadonlyMap<string, Policy>,
  options: GenerationOptions,
): { connectors: Map<string, Connector>; faults: Map<string, string> } {
  const trace = createTraceRule({
    now: options.now,
    keysOf: (call) => call.keys ?? 0,
    record: (record, call, error) => {
      call.record?.(record);
      options.onCall(record, call, error);
    },
  });
  const connectors = new Map<string, Connector>();
  const faults = new Map<string, string>();
  for (const node of schema.extensionASTNodes) {
    for (const transport of directivesNamed(node, 'transport')) {
      const source = String(transport['subgraph']);
      const kind = kinds.get(source) as Connector['kind'];
      const settings = options.settings.get(source);
      // Without a connector its fields answer SOURCE_UNAVAILABLE, which is what quarantine means.
      const isQuarantined = options.states.some(({ name, state }) => name === source && state === 'quarantined');
      if (!settings || isQuarantined) continue;
      const connectorOptions = {
        source,
        endpointsFromContract: settings.endpoints.length === 0,
        operations: operations.get(source) ?? [],
        schema,
        security: readContractSecurity(transport['options']),
        policy: policies.get(source) ?? settings.policy,
        headers: settings.headers,
        headerRules: options.headerRules,
        roots: rootsOf(transport['options']),
        maxBodyBytes: options.maxBodyBytes,
        ...(options.maxRequestBytes !== undefined && { maxRequestBytes: options.maxRequestBytes }),
        now: options.now,
      };
      try {
        const endpoints = endpointsOf(transport, settings);
        connectors.set(source, openConnector(kind, { ...connectorOptions, endpoints }, [trace], options.resources));
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        // Its fields answer SOURCE_UNAVAILABLE; the other sources are served.
        faults.set(source, error.message);
      }
    }
  }
  return { connectors, faults };
}

/** What is left out is not there to be found; the import report tells of such rules. */
function strangeRules(
  settings: GenerationOptions['settings'],
  operations: ReadonlyMap<string, readonly ConnectorOperation[]>,
): string[] {
  return [...settings].flatMap(([source, { policy }]) => {
    const served = operations.get(source) ?? [];
    // A source that is left out has none.
    if (served.length === 0) return [];
    const known = new Set(
      served.flatMap(({ name, field }) => [
        name,
        ...directivesNamed(field.astNode, 'source').map((args) => String(args['name'])),
      ]),
    );
    const rules = Object.entries(policy.operations).filter(
      ([name, { exclude }]) => exclude !== true && !known.has(name),
    );
    return rules.map(([name]) => `${source}.${name}`);
  });
}

function withFault(state: SourceState, message: string | undefined): SourceState {
  return message === undefined ? state : { ...state, state: 'degraded', message };
}
