import { useResponseCache } from '@envelop/response-cache';
import { type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { GatewayConfig } from '../config/schema.ts';
import type { RequestContext } from '../context.ts';
import type { Insight } from '../execute/insight.ts';
import { keepsAnything } from '../execute/keeping.ts';
import { ownIdsOf } from '../execute/own-ids.ts';
import { isAsyncIterable } from '../lib/iterables.ts';
import { createSinks, removeHidden, rulesByCoordinate, type Sink } from './collect.ts';
import { createDocuments } from './documents.ts';
import { cacheHeaders, shapingHeaders } from './headers.ts';
import { createJudge } from './judge.ts';
import { createMutate } from './mutate.ts';
import type { ResponseCache } from './resources.ts';
import { createServe } from './serve.ts';
import { shownSchema } from './shown-schema.ts';

export type CacheOptions = {
  readonly generation: { readonly id: string; readonly insight: Insight };
  readonly config: Pick<GatewayConfig, 'responseCache' | 'deadline' | 'identity'>;
  /** Without it nothing is kept. */
  readonly cache: ResponseCache | undefined;
  readonly randomId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** `isWhole` is the stage's own: what its headers say. */
type Slots = RequestContext & { isWhole?: boolean };

/** Operations of which a source said that their answers are for one caller alone: most that are remembered. */
const MAX_PERSONAL = 10_000;

/** The cache stage: gives whole answers that were kept, keeps those that are made, and tells clients and other caches of it. */
export function useCache(options: CacheOptions): Plugin<object, Slots> {
  const { config, generation, cache } = options;
  const isUsed = cache && config.responseCache.enabled && keepsAnything(generation.insight.model);
  const shaping = shapingHeaders(config.identity);
  return {
    ...(isUsed && { onExecute: createOnExecute({ ...options, cache }) }),

    onResultProcess({ result, serverContext }) {
      const { errors, extensions } = result as ExecutionResult;
      serverContext.isWhole = !isAsyncIterable(result) && !errors?.length && extensions === undefined;
    },

    onResponse({ request, response, serverContext: context, setResponse, fetchAPI }) {
      // A page, an unknown path, or nothing that could be processed.
      if (context.isWhole === undefined) return;
      const { operation, cached, isWhole, headers } = context;
      const ifNoneMatch = headers.get('if-none-match');
      const asked = { method: request.method, kind: operation?.kind, cached, isWhole, shaping, ifNoneMatch };
      const { fields, isKnown } = cacheHeaders(asked);
      if (isKnown && response.status === 200)
        setResponse(new fetchAPI.Response(null, { status: 304, headers: [...fields] as never }));
      else for (const [name, value] of fields) response.headers.set(name, value);
    },
  };
}

type OnExecute = NonNullable<Plugin<object, Slots>['onExecute']>;

function createOnExecute(options: CacheOptions & { readonly cache: ResponseCache }): OnExecute {
  const { generation, config, cache, randomId, now } = options;
  const { insight, id } = generation;
  const factsOf = createDocuments();
  const personal = new LRUCache<string, true>({ max: MAX_PERSONAL });
  const judge = createJudge({ insight, generation: id, factsOf, isPersonal: (operation) => personal.has(operation) });
  const mutate = createMutate(insight, cache);
  const serve = createServe({
    ...{ store: cache.store, lifetime: cache.lifetime, onFault: cache.onFault, config: config.responseCache },
    ...{ refreshMs: config.deadline.defaultMs, randomId, now },
    onPersonal: (operation) => void personal.set(operation, true),
  });
  const collect = createCollect(insight);

  return ({ executeFn, setExecuteFn }) => {
    setExecuteFn((args: ExecutionArgs) => {
      const context = args.contextValue as Slots;
      const asked = { document: args.document, operationName: args.operationName, variables: args.variableValues };
      const run = (on: RequestContext, limitMs: number) => collect({ ...args, contextValue: on }, executeFn, limitMs);
      if (getOperationAST(args.document, args.operationName)?.operation === 'mutation') {
        const { inParts, isOdd } = factsOf(args.document);
        return mutate(asked, context, async () => {
          if (inParts || isOdd) return { result: (await executeFn(args)) as ExecutionResult, entities: undefined };
          const { result, sink } = await run(context, 0);
          return { result, entities: sink.dropped ?? [] };
        });
      }
      const judged = judge(asked, context);
      if ('bypass' in judged) {
        context.cached = { outcome: 'bypass', reason: judged.bypass };
        return executeFn(args);
      }
      const { wanted } = judged;
      return serve({
        wanted,
        context,
        run: async (on) => {
          const { result, sink } = await run(on, wanted.ages.maxAgeMs);
          return { result, entities: sink.kept };
        },
      });
    });
  };
}

type Execute = (args: ExecutionArgs) => unknown;
type Collect = (
  args: ExecutionArgs,
  execute: Execute,
  limitMs: number,
) => Promise<{ result: ExecutionResult; sink: Sink }>;

/**
 * Runs operations through `@envelop/response-cache`, which asks for the types and ids of all values beside what the client asks for, takes
 * them out of the answer again, and says what is in it. One instance for a generation: it knows the last schema it was shown.
 */
function createCollect({ model }: Insight): Collect {
  const sinks = createSinks();
  const ids = ownIdsOf(model).fields;
  const { ages, scopes } = rulesByCoordinate(model);
  const plugin = useResponseCache<RequestContext>({
    cache: (context) => sinks.storeOf(context),
    // Nothing is kept unless a coordinate says so.
    ttl: 0,
    ttlPerSchemaCoordinate: ages,
    scopePerSchemaCoordinate: scopes,
    idFields: [...new Set(ids.values())],
    session: ({ principal }) => (principal.kind === 'anonymous' ? undefined : principal.id),
    // What is looked up, and under which key, is decided before the plugin is asked.
    buildResponseCacheKey: () => '',
    getDocumentString: () => '',
    shouldCacheResult: ({ result }) => !result.errors?.length,
    onTtl: ({ ttl, context }) => sinks.ageOf(context, ttl),
    includeExtensionMetadata: false,
  });
  plugin.onSchemaChange?.({ schema: shownSchema(model.schema, ids), replaceSchema: () => undefined });
  return async (args, execute, limitMs) => {
    const context = args.contextValue as RequestContext;
    const sink = sinks.open(context, limitMs);
    let run = execute;
    const hooks = await plugin.onExecute?.({
      args: args as never,
      context,
      executeFn: execute as never,
      setExecuteFn: (wrapped) => {
        run = wrapped as Execute;
      },
      setResultAndStopExecution: () => undefined,
      extendContext: () => undefined,
    });
    let result = (await run(args)) as ExecutionResult;
    await hooks?.onExecuteDone?.({
      args: args as never,
      result,
      setResult: (changed) => {
        result = changed as ExecutionResult;
      },
    });
    removeHidden(result.data);
    return { result, sink };
  };
}
