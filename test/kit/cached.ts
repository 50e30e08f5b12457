/** A pipeline with the cache of whole answers over a hand-made schema, whose clients say who they are. */

import { defaultFieldResolver, type ExecutionResult, isObjectType } from 'graphql';
import { createResponseCache, type ResponseCache } from '../../gateway/cache/resources.ts';
import { gatewaySchema } from '../../gateway/config/schema.ts';
import type { CallRecord, Principal, RequestContext } from '../../gateway/context.ts';
import { createGuarded } from '../../gateway/execute/guarded.ts';
import type { FieldSite, Resolver } from '../../gateway/execute/site.ts';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import { memoryLimits } from '../../gateway/limit/open.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { createInstance, createPipeline, type Stage } from '../../gateway/pipeline.ts';
import { memoryPersisted } from './app.ts';
import { makeGeneration, makeSchema, type Resolvers } from './fixed-supply.ts';

export type CachedOptions = {
  /** Root fields that are calls say so: `@call` stands for a GET of the source `shop`. */
  readonly sdl: string;
  readonly resolvers: Resolvers;
  /** What a gateway.yaml would hold below `responseCache`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Shared with other pipelines; without it one in memory. */
  readonly cache?: ResponseCache;
  /** Headers that calls send on. */
  readonly forwarded?: readonly string[];
  readonly generation?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Changes the list of stages. */
  readonly stages?: (stages: Stage[]) => Stage[];
};

export type Asking = {
  readonly principal?: Principal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly method?: 'GET' | 'POST';
  readonly signal?: AbortSignal;
};

export type CachedAnswerOf = ExecutionResult & {
  readonly status: number;
  readonly headers: Headers;
  /** `HIT`, `MISS`, … */
  readonly outcome: string | undefined;
};

export const anonymous: Principal = { kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] };

export function startCached(options: CachedOptions) {
  const { settings = {}, now = Date.now, forwarded = [], generation: id = 'g1' } = options;
  const call = '@httpOperation(subgraph: "shop", path: "/x", httpMethod: "GET")';
  const schema = makeSchema(`${WIRE_DIRECTIVES} ${options.sdl.replaceAll('@call', call)}`, options.resolvers);
  const config = gatewaySchema.parse({ responseCache: settings });
  const metrics = createMetrics();
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics });
  const cache = options.cache ?? createResponseCache({ config: config.responseCache, events, now });
  const generation = makeGeneration(id, schema, () => forwarded);
  guard(generation);
  let ids = 0;
  const randomId = (): string => {
    ids += 1;
    return `${id}-${ids}`;
  };
  const openStream = () => () => undefined;
  const stages = createPipeline({
    ...{ generation, config, events, cache, openStream, now, randomId, isFirst: false },
    identify: () => anonymous,
    limits: memoryLimits({ config, now }),
    persisted: memoryPersisted({ config, now }),
  }).map((stage): Stage => (stage.name === 'identify' ? { name: 'identify', plugin: identifyByHeader } : stage));
  const instance = createInstance(schema, options.stages?.(stages) ?? stages, config);

  async function ask(query: string, asking: Asking = {}): Promise<CachedAnswerOf> {
    const { principal, headers, variables, method = 'POST', signal } = asking;
    const shown = { ...headers, ...(principal && { 'x-test-principal': JSON.stringify(principal) }) };
    const json = { accept: 'application/json', 'x-tributary-csrf': '1', ...shown };
    const search = new URLSearchParams({ query, ...(variables && { variables: JSON.stringify(variables) }) });
    const request =
      method === 'GET'
        ? new Request(`http://gateway.test/graphql?${search}`, { headers: { 'x-tributary-preflight': '1', ...json } })
        : new Request('http://gateway.test/graphql', {
            method,
            headers: { ...json, 'content-type': 'application/json' },
            body: JSON.stringify({ query, variables }),
            ...(signal && { signal }),
          });
    const response = await instance.fetch(request, {});
    const text = await response.text();
    return {
      ...(text === '' ? {} : (JSON.parse(text) as ExecutionResult)),
      status: response.status,
      headers: response.headers,
      outcome: response.headers.get('x-cache')?.split(';', 1)[0],
    };
  }

  return { ask, cache, metrics };
}

/** Hand-made resolvers ask about what is denied as those of the real build do. */
function guard({ model, planner, schema }: ReturnType<typeof makeGeneration>): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!model.requirements.isGuarded(type, field)) continue;
      const resolve = (field.resolve ?? defaultFieldResolver) as Resolver;
      field.resolve = createGuarded({ model, planner, type, field } as FieldSite, resolve) as typeof resolve as never;
    }
  }
}

const identifyByHeader: Stage['plugin'] = {
  onRequestParse({ serverContext }) {
    const slots = serverContext as unknown as RequestContext;
    const said = slots.headers.get('x-test-principal');
    slots.principal = said === undefined ? anonymous : (JSON.parse(said) as Principal);
  },
};

/** What a resolver notes of the call that it stands for. */
export function noteCall(context: RequestContext, operation: string, said: Partial<CallRecord> = {}): void {
  context.calls.push({ source: 'shop', operation, keys: 0, ms: 1, bytes: 1, outcome: 'ok', ...said });
}
