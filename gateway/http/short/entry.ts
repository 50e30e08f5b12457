/**
 * The short way in. A plain request is answered by the very hooks of the stages, in the order that Yoga calls them, and by its
 * parse and validate; what is left out are the Request and Response objects and all that finds out what a request
 * might be. Whatever is not plain goes the long way untouched.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import { type Plugin, processRegularResult, type YogaServerInstance } from 'graphql-yoga';
import { bodyOf } from '../../execute/compiled/answer.ts';
import { Ending } from '../../lib/ending.ts';
import { isAsyncIterable } from '../../lib/iterables.ts';

import { createExecute } from './execute.ts';
import { type Answer, AnswerHeaders, answerOfResponse, sendAnswer } from './message.ts';
import { type MediaType, type PlainParams, paramsOfBody, paramsOfUrl, readPlain } from './plain.ts';
import { createParse, createValidate } from './prepare.ts';
import { PlainSlots } from './slots.ts';

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

/** Hooks that are called here, and those of Envelop, which `prepare.ts` and `execute.ts` call in its place. */
const HOOKS = ['onRequest', 'onRequestParse', 'onParams', 'onResultProcess', 'onResponse'] as const;
const ENVELOP = ['onPluginInit', 'onSchemaChange', 'onParse', 'onValidate', 'onExecute'] as const;
const KNOWN = new Set<string>([...HOOKS, ...ENVELOP, 'onSubscribe', 'onYogaInit']);

type Hook = (payload: object) => unknown;
type Result = ExecutionResult & { readonly stringify?: (result: object) => string };
/** `signal` stands for one: it is aborted when the client has gone. */
type Asked = { readonly method: string; readonly url: string; readonly signal: Ending };

/** @returns undefined where a stage has a hook that would not be called */
export function createShortEntry(options: ShortEntryOptions): ShortEntry | undefined {
  const { instance, plugins, bodyBytes, isKnownPlain, onEntry, onFault } = options;
  if (!plugins.every((plugin) => Object.keys(plugin).every((name) => KNOWN.has(name)))) return undefined;
  const [onRequest, onRequestParse, onParams, onResultProcess, onResponse] = HOOKS.map((name) =>
    plugins.flatMap((plugin) => (plugin[name] ? [plugin[name] as Hook] : [])),
  ) as [Hook[], Hook[], Hook[], Hook[], Hook[]];
  const { fetchAPI } = instance;
  const { schema } = instance.getEnveloped();
  // The stages among them: an engine comes before all, which is Yoga's.
  const all: readonly Plugin[] = instance['plugins'];
  if (all.some(({ onEnveloped, onContextBuilding }) => onEnveloped ?? onContextBuilding)) return undefined;
  const [parse, validate, execute] = [createParse(all), createValidate(all), createExecute(all)];

  function operate(
    context: PlainSlots,
    { query = '', variables, operationName }: PlainParams,
  ): Result | Promise<Result> {
    const document = parse(query, context);
    const errors = validate(schema, document, context);
    if (errors.length > 0) return { errors };
    // Only then is it known to be valid; parameters were looked at for streams, a document found by them may be one all the same.
    if (getOperationAST(document, operationName)?.operation === 'subscription') throw new Error('no plain operation');
    const asked = { schema, document, contextValue: context, variableValues: variables, operationName };
    return execute(asked) as Result | Promise<Result>;
  }

  /** Waits for what is a promise, and for nothing else: most hooks are done when they return. */
  async function answer(
    context: PlainSlots,
    request: Asked,
    asked: PlainParams,
    mediaType: MediaType,
  ): Promise<Answer> {
    let waiting = each(onRequest, { request, serverContext: context, fetchAPI, endResponse: nothing });
    if (waiting) await waiting;
    let result: Result;
    try {
      waiting = each(onRequestParse, { request, serverContext: context, setRequestParser: nothing });
      if (waiting) await waiting;
      let params = asked;
      const setParams = (given: PlainParams): void => {
        params = given;
      };
      waiting = each(onParams, { params, request, context, setParams });
      if (waiting) await waiting;
      context.request = request;
      context.params = params;
      const running = operate(context, params);
      result = running instanceof Promise ? await running : running;
      if (isAsyncIterable(result)) throw new Error('no plain answer');
    } catch (error) {
      result = { errors: errorsOf(error) };
    }
    const setResult = (given: Result): void => {
      result = given;
    };
    for (const hook of onResultProcess) {
      const processed = { request, result, setResult, serverContext: context, resultProcessor: processRegularResult };
      const done = hook(processed);
      if (done instanceof Promise) await done;
    }
    const written = write(result, mediaType);
    let given = written instanceof Promise ? await written : written;
    let replaced: Response | undefined;
    const setResponse = (response: Response): void => {
      replaced = response;
    };
    for (const hook of onResponse) {
      const done = hook({ request, response: given, serverContext: context, fetchAPI, setResponse });
      if (done instanceof Promise) await done;
      if (replaced) given = await answerOfResponse(replaced);
      replaced = undefined;
    }
    return given;
  }

  /** What errors do to statuses and headers is Yoga's to say. */
  function write(result: Result, mediaType: MediaType): Answer | Promise<Answer> {
    if (result.errors || result.extensions?.['http'])
      return answerOfResponse(processRegularResult(result as never, fetchAPI, mediaType));
    const headers = new AnswerHeaders();
    headers.set('content-type', `${mediaType}; charset=utf-8`);
    return { status: 200, headers, body: bodyOf(result) ?? (result.stringify ?? JSON.stringify)(result) };
  }

  function run(req: IncomingMessage, res: ServerResponse, params: PlainParams, mediaType: MediaType): void {
    onEntry();
    const gone = new Ending();
    res.on('close', () => {
      if (!res.writableFinished) gone.abort(new DOMException('The client has gone.', 'AbortError'));
    });
    const request: Asked = { method: req.method ?? '', url: req.url ?? '', signal: gone };
    answer(new PlainSlots(req, res), request, params, mediaType).then(
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

/** @returns undefined where none of them is waited for */
function each(hooks: readonly Hook[], payload: object, from = 0): Promise<void> | undefined {
  for (let at = from; at < hooks.length; at += 1) {
    const done = hooks[at]?.(payload);
    if (done instanceof Promise) return done.then(() => each(hooks, payload, at + 1));
  }
  return undefined;
}

/** As Yoga does: an error that stands for several is those, and an aborted request has none of its own. */
function errorsOf(error: unknown): readonly GraphQLError[] {
  if (error instanceof DOMException && (error.name === 'AbortError' || error.name === 'TimeoutError')) return [];
  const { errors } = (error ?? {}) as { errors?: readonly GraphQLError[] };
  return Array.isArray(errors) ? errors.flatMap(errorsOf) : [error as GraphQLError];
}
