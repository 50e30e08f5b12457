/**
 * The short way in. A plain request is answered by the very hooks of the stages, in the order that Yoga calls them, and by its
 * parse, validate and execute; what is left out are the Request and Response objects and all that finds out what a request
 * might be. Whatever is not plain goes the long way untouched.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import { type Plugin, processRegularResult, type YogaServerInstance } from 'graphql-yoga';
import { bytesOf } from '../../execute/compiled/answer.ts';
import { isAsyncIterable } from '../../lib/iterables.ts';
import { type Answer, AnswerHeaders, answerOfResponse, sendAnswer } from './message.ts';
import { type MediaType, type PlainParams, paramsOfBody, paramsOfUrl, readPlain } from './plain.ts';

export type ShortEntryOptions = {
  readonly instance: YogaServerInstance<object, object>;
  /** The stages, in the order of a request. */
  readonly plugins: readonly Plugin[];
  /** Most bytes of a body: one that has more is refused on the long way. */
  readonly bodyBytes: number;
  /** Whether an operation that is named by this hash alone is known to be answered in one piece. */
  readonly isKnownPlain: (hash: string) => boolean;
  /** Told of each request that takes this way. */
  readonly onEntry: () => void;
  /** Told of what nobody expected: a fault of the gateway. */
  readonly onFault: (error: unknown) => void;
};

/** Answers the request, or hands it to `longWay` as it came. */
export type ShortEntry = (request: IncomingMessage, response: ServerResponse, longWay: () => void) => void;

/** Hooks that are called here, and those of Envelop, which its own functions call. */
const HOOKS = ['onRequest', 'onRequestParse', 'onParams', 'onResultProcess', 'onResponse'] as const;
const ENVELOP = [
  'onPluginInit',
  'onSchemaChange',
  'onParse',
  'onValidate',
  'onContextBuilding',
  'onExecute',
  'onEnveloped',
] as const;
const KNOWN = new Set<string>([...HOOKS, ...ENVELOP, 'onSubscribe', 'onYogaInit']);

type Hook = (payload: object) => unknown;
type Result = ExecutionResult & { readonly stringify?: (result: object) => string };
type Asked = { readonly method: string; readonly url: string; readonly signal: AbortSignal };

/** @returns undefined where a stage has a hook that would not be called */
export function createShortEntry(options: ShortEntryOptions): ShortEntry | undefined {
  const { instance, plugins, bodyBytes, isKnownPlain, onEntry, onFault } = options;
  if (!plugins.every((plugin) => Object.keys(plugin).every((name) => KNOWN.has(name)))) return undefined;
  const [onRequest, onRequestParse, onParams, onResultProcess, onResponse] = HOOKS.map((name) =>
    plugins.flatMap((plugin) => (plugin[name] ? [plugin[name] as Hook] : [])),
  ) as [Hook[], Hook[], Hook[], Hook[], Hook[]];
  const { fetchAPI } = instance;

  async function operate(request: Asked, context: object, asked: PlainParams): Promise<Result> {
    await each(onRequestParse, { request, serverContext: context, setRequestParser: nothing });
    let params = asked;
    const setParams = (given: PlainParams): void => {
      params = given;
    };
    await each(onParams, { params, request, context, setParams });
    Object.assign(context, { request, params });
    const { parse, validate, schema, contextFactory, execute } = instance.getEnveloped(context);
    const document = parse(params.query ?? '');
    const errors = validate(schema, document);
    if (errors.length > 0) return { errors };
    const { variables: variableValues, operationName } = params;
    const contextValue = await contextFactory();
    // Only then is it known to be valid; parameters were looked at for streams, a document found by them may be one all the same.
    if (getOperationAST(document, operationName)?.operation === 'subscription') throw new Error('no plain operation');
    const result: unknown = await execute({ schema, document, contextValue, variableValues, operationName });
    if (isAsyncIterable(result)) throw new Error('no plain answer');
    return result as Result;
  }

  async function answer(request: Asked, context: object, params: PlainParams, mediaType: MediaType): Promise<Answer> {
    await each(onRequest, { request, serverContext: context, fetchAPI, endResponse: nothing });
    let result: Result;
    try {
      result = await operate(request, context, params);
    } catch (error) {
      result = { errors: errorsOf(error) };
    }
    const setResult = (given: Result): void => {
      result = given;
    };
    for (const hook of onResultProcess) {
      const processed = { request, result, setResult, serverContext: context, resultProcessor: processRegularResult };
      await hook(processed);
    }
    let given = await write(result, mediaType);
    let replaced: Response | undefined;
    const setResponse = (response: Response): void => {
      replaced = response;
    };
    for (const hook of onResponse) {
      await hook({ request, response: given, serverContext: context, fetchAPI, setResponse });
      if (replaced) given = await answerOfResponse(replaced);
      replaced = undefined;
    }
    return given;
  }

  /** What errors do to statuses and headers is Yoga's to say. */
  async function write(result: Result, mediaType: MediaType): Promise<Answer> {
    if (result.errors || result.extensions?.['http'])
      return await answerOfResponse(processRegularResult(result as never, fetchAPI, mediaType));
    const headers = new AnswerHeaders();
    headers.set('content-type', `${mediaType}; charset=utf-8`);
    return { status: 200, headers, body: bytesOf(result) ?? (result.stringify ?? JSON.stringify)(result) };
  }

  function run(req: IncomingMessage, res: ServerResponse, params: PlainParams, mediaType: MediaType): void {
    onEntry();
    const gone = new AbortController();
    res.once('close', () => {
      if (!res.writableFinished) gone.abort(new DOMException('The client has gone.', 'AbortError'));
    });
    const request: Asked = { method: req.method ?? '', url: req.url ?? '', signal: gone.signal };
    answer(request, { req, res }, params, mediaType).then(
      (given) => sendAnswer(res, given),
      (error: unknown) => {
        onFault(error);
        if (!res.headersSent) res.writeHead(500);
        res.end();
      },
    );
  }

  return (request, response, longWay) => {
    const plain = readPlain(request, bodyBytes);
    if (!plain) return longWay();
    const { mediaType, length } = plain;
    if (length === 0) {
      const params = paramsOfUrl(request.url ?? '', isKnownPlain);
      return params ? run(request, response, params, mediaType) : longWay();
    }
    // By then a body that came with its head has been read; one that did not is waited for where waiting is bounded.
    void afterHead.then(() => {
      const body = request.read() as Buffer | null;
      const params = body?.length === length ? paramsOfBody(body, isKnownPlain) : undefined;
      if (params) return run(request, response, params, mediaType);
      if (body !== null) request.unshift(body);
      longWay();
    });
  };
}

/** `then` of it runs like a microtask that is queued, without the bookkeeping of one. */
const afterHead = Promise.resolve();

function nothing(): void {}

async function each(hooks: readonly Hook[], payload: object): Promise<void> {
  for (const hook of hooks) {
    const done = hook(payload);
    if (done instanceof Promise) await done;
  }
}

/** As Yoga does: an error that stands for several is those, and an aborted request has none of its own. */
function errorsOf(error: unknown): readonly GraphQLError[] {
  if (error instanceof DOMException && (error.name === 'AbortError' || error.name === 'TimeoutError')) return [];
  const { errors } = (error ?? {}) as { errors?: readonly GraphQLError[] };
  return Array.isArray(errors) ? errors.flatMap(errorsOf) : [error as GraphQLError];
}
