/**
 * The map of the house: every stage a request passes, in order. A stage is a plain function over the request context in a folder of
 * its own; what stands here are the thin plugins that call it. Each writes its own slots of `context.ts` and reads those before it.
 */

import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import type { DocumentNode, GraphQLSchema, ValidationRule } from 'graphql';
import type { Plugin, YogaServerInstance } from 'graphql-yoga';
import { createYoga } from 'graphql-yoga';
import { useAuthorize } from './authorize/index.ts';
import { useCache } from './cache/index.ts';
import type { ResponseCache } from './cache/resources.ts';
import type { Generation } from './compose/generation.ts';
import type { GatewayConfig } from './config/schema.ts';
import { GatewayError } from './errors.ts';
import { createExecuteCompiled } from './execute/compiled/executor.ts';
import { createEngine, type Execute } from './execute/engine.ts';
import { createSubscribe } from './execute/subscribe.ts';
import { useExplain } from './explain/index.ts';
import { useHttp } from './http/index.ts';
import { graphqlPath } from './http/route.ts';
import { closeSlots, createRunEvent, type HttpContext, openSlots } from './http/slots.ts';
import type { ProtocolOptions, SocketOperation } from './http/socket-protocol.ts';
import type { OpenStream } from './http/streams.ts';
import type { Identify } from './identify/identity.ts';
import { useIdentify } from './identify/index.ts';
import { Ending } from './lib/ending.ts';
import { isAsyncIterable, later, throughSteps } from './lib/iterables.ts';
import { realTimer } from './lib/timer.ts';
import { createCount, type LimitContext, useLimit } from './limit/index.ts';
import type { LimitStores } from './limit/taking.ts';
import type { Events } from './observe/events.ts';
import { useRecord } from './record/index.ts';
import { createRecorder } from './record/recorder.ts';
import type { RecordStore } from './record/store.ts';
import { type Payload, withoutHttp } from './respond/answer.ts';
import { useRespond } from './respond/index.ts';
import { createReporter, type ReportContext } from './respond/report.ts';
import { type ShareOptions, useShare } from './share/index.ts';
import { createDocumentCache } from './validate/document-cache.ts';
import { useValidate, type ValidateContext } from './validate/index.ts';
import type { FoundOperation, Persisted } from './validate/persisted.ts';

export type PipelineOptions = {
  readonly generation: Pick<Generation, 'id' | 'schema' | 'insight' | 'model' | 'planner' | 'execution'>;
  readonly config: GatewayConfig;
  readonly events: Events;
  /** Where whole answers are kept; without it none is. */
  readonly cache?: ResponseCache | undefined;
  /** Where budgets are kept, and operations by hash; both outlive generations. */
  readonly limits: Pick<LimitStores, 'local' | 'shared'>;
  readonly persisted: Persisted;
  /** Whether nothing serves yet. */
  readonly isFirst: boolean;
  /** Settles who asks; it outlives generations. */
  readonly identify: Identify;
  /** Told of every answer that comes in parts. */
  readonly openStream: OpenStream;
  /** Where operations are recorded, if they are. */
  readonly operations?: RecordStore | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomId: () => string;
};

export type Stage = { readonly name: string; readonly plugin: Plugin };
export type Instance = YogaServerInstance<object, object>;

/** All stages for one generation, in the order of a request. */
export function createPipeline(options: PipelineOptions): Stage[] {
  const { generation, config, events, cache, openStream, operations, identify, now, randomId } = options;
  const { schema, insight } = generation;
  const stages = [
    // The engines, which what follows wraps: compiled programs over Yoga's executor, which runs what they leave; subscriptions.
    { name: 'execute', plugin: useEngines(options) },
    // Around the engine: equal queries that are under way at the same time run once.
    { name: 'share', plugin: useShare(sharingOf(options)) },
    // `@defer` and `@stream`: their directives join the schema, and the rules about them the validation.
    { name: 'incremental', plugin: useParts() },
    // Around the engine, so that all that comes before an execution has come: whole answers that were kept, in place of running it.
    { name: 'cache', plugin: useCache({ generation, config, cache, randomId, now }) },
    // What the operation would do, in place of the engine; what it did, and what of it is stale, after it: for who may and asks.
    { name: 'explain', plugin: useExplain({ insight, config }) },
    // Routes; request id, deadline, signal, headers, peer; body and time within bounds; may end with 400 406 408 413 415 429.
    { name: 'http', plugin: useHttp({ schema, config, openStream, identify, now, randomId }) },
    // Who asks, by token, key, certificate or trusted proxy; may end with 401 for a bad proof, and for none where one is
    // needed; with 429 in place of asking about the token of an address that has spent its budget.
    { name: 'identify', plugin: useIdentify(identify) },
    // Which operation it is: text by hash, size, kind, name, price; may end with PERSISTED_OPERATION_*, LIMIT_*. Yoga caches documents.
    { name: 'validate', plugin: useValidate({ insight, config, persisted: options.persisted }) },
    // What of it is for who asks, before anything is called; may end with FORBIDDEN. The plan that is executed holds nothing else.
    { name: 'authorize', plugin: useAuthorize(options) },
    // Takes the price from budgets before anything runs, and puts it right at the end; may end with 429.
    {
      name: 'limit',
      plugin: useLimit({ ...limiting(options), schema, after: realTimer, randomId }),
    },
    // Notes which operation runs and what of the schema it uses, where operations are recorded.
    ...(operations ? [{ name: 'record', plugin: useRecord(createRecorder(operations)) }] : []),
    // Here the engine executes over the resolvers of the generation, which read the request context.
    // Errors get their public form, headers are set, and one line per operation is reported.
    { name: 'respond', plugin: useRespond(createReporter({ generation: generation.id, events, now })) },
  ];
  // The slots are the context: the stage that comes first makes them, so no plugin asks for them from outside.
  return stages as unknown as Stage[];
}

/** Its rules are asked for once, for documents with directives alone: it reads the names of all others each time, to no effect. */
function useParts(): Plugin {
  const plugin = useDeferStream() as Plugin;
  const rules: ValidationRule[] = [];
  plugin.onValidate?.({ params: {}, addValidationRule: (rule: ValidationRule) => rules.push(rule) } as never);
  return {
    ...plugin,
    onValidate({ params, addValidationRule }) {
      const isPlain = params.documentAST.loc?.source.body.includes('@') === false;
      for (const rule of isPlain ? [] : rules) addValidationRule(rule);
    },
  };
}

function limiting({ config, limits, events }: PipelineOptions) {
  return { config, stores: limits, onRefusal: events.limitReached };
}

function sharingOf({ generation: { insight, execution }, config, events }: PipelineOptions): ShareOptions {
  return {
    insight,
    hasOwnResolvers: execution?.hasOwnResolvers ?? (() => false),
    isEnabled: config.execution.shareOperations,
    onJoined: events.operationShared,
  };
}

function useEngines({ generation: { execution }, config, events, now }: PipelineOptions): Plugin {
  const subscribe = createSubscribe({ runEvent: createRunEvent({ ...config, now }) });
  const isCompiled = config.execution.engine === 'compiled';
  const options = { ...config.execution, textBytes: config.callCache.unchangedBytes };
  const compiled = isCompiled && execution ? createExecuteCompiled(execution, options) : undefined;
  const execute = compiled && createEngine(compiled, (reason) => events.executionFellBack({ reason }));
  return {
    onExecute({ executeFn, setExecuteFn }) {
      if (execute) setExecuteFn((args) => execute(args, executeFn as Execute));
    },
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
  };
}

/** One Yoga for one generation: what it would do beside our stages is switched off. */
export function createInstance(
  schema: GraphQLSchema,
  stages: readonly Stage[],
  { operationLimits }: Pick<GatewayConfig, 'operationLimits'>,
): Instance {
  return createYoga({
    schema,
    graphqlEndpoint: graphqlPath,
    plugins: stages.map(({ plugin }) => plugin),
    // The http stage says which pages of other sites may read answers.
    cors: false,
    // The http stage routes, shows GraphiQL and bounds bodies; the respond stage masks and reports.
    graphiql: false,
    // Health is the admin port's; the check cannot be left out, but no URL ends like this.
    healthCheckEndpoint: ' ',
    landingPage: false,
    maxRequestBodySize: false,
    multipart: false,
    // The http stage bounds lists of operations; this is as many as configuration may allow.
    batching: { limit: 1000 },
    maskedErrors: false,
    parserAndValidationCache: createDocumentCache(operationLimits),
    logging: false,
  }) as Instance;
}

/**
 * The second entry: operations of WebSocket connections. Yoga runs no hook of a request for these, so the functions of the stages are
 * called here, in the same order: http and identify for the connection at its upgrade and its `connection_init` (and identify again
 * before each operation, by the protocol), the rest
 * for each operation, on slots that are its own.
 */
export function createOperate(instance: Instance, options: PipelineOptions): ProtocolOptions['operate'] {
  const reporter = createReporter({ ...options, generation: options.generation.id });
  const { persisted } = options;
  const count = createCount(limiting(options));
  return ({ headers, peer, principal, path }, params) => {
    const gone = new Ending();
    const leave = (): void => gone.abort(new DOMException('The client has gone.', 'AbortError'));
    const context = { params, peer, principal, path } as object as HttpContext &
      ReportContext &
      ValidateContext &
      LimitContext;
    // The id of the connection's request names no operation.
    openSlots(context, { headers, gone, requestId: undefined }, { ...options.config, ...options });
    reporter.begin(context);
    const { schema, parse, validate, contextFactory, execute, subscribe } = instance.getEnveloped(context);

    function answer(result: Payload): Payload {
      const masked = withoutHttp(reporter.answer(result, context));
      closeSlots(context);
      reporter.finish(context);
      return masked;
    }
    /** What was refused before it came to its budgets is counted. */
    const answerCounted = async (result: Payload): Promise<Payload> =>
      answer(((await count?.(result, context)) ?? result) as Payload);
    async function refuse(errors: readonly unknown[]): Promise<SocketOperation> {
      return { refused: (await answerCounted({ errors: errors as never })).errors ?? [] };
    }

    function prepare({ query = '', register }: FoundOperation): SocketOperation | Promise<SocketOperation> {
      let document: DocumentNode;
      try {
        if (register !== undefined) context.registers = { hash: register, text: query };
        document = parse(query);
        const errors = validate(schema, document);
        if (errors.length > 0) return refuse(errors);
      } catch (error) {
        return refuse([error]);
      }
      const { kind } = context.operation ?? {};
      if (kind === undefined) return refuse([new GatewayError('BAD_REQUEST', { message: noOperation })]);

      async function begin(): Promise<Payload | AsyncIterable<Payload>> {
        try {
          const { variables: variableValues, operationName } = params;
          const args = { schema, document, contextValue: await contextFactory(), variableValues, operationName };
          const result: Payload | AsyncIterable<Payload> = await (kind === 'subscription'
            ? subscribe(args)
            : execute(args));
          if (!isAsyncIterable(result)) return await answerCounted(result);
          const parts = reporter.answerInParts(result as AsyncIterable<Payload>, context);
          return throughSteps(parts, { map: withoutHttp, recover: () => undefined, end: () => undefined });
        } catch (error) {
          return await answerCounted({ errors: [error as never] });
        }
      }
      return { document, operationName: params.operationName, answer: later(begin, leave) };
    }

    try {
      const found = persisted.find(params, false);
      return found instanceof Promise ? found.then(prepare).catch((error: unknown) => refuse([error])) : prepare(found);
    } catch (error) {
      return refuse([error]);
    }
  };
}

const noOperation = 'The document does not hold exactly the operation asked for: name one with operationName.';
