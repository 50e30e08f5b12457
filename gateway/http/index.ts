import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GatewayConfig } from '../config/schema.ts';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { readBody } from './body.ts';
import { openBudget } from './budget.ts';
import { createPage, wantsPage } from './graphiql.ts';
import { readHeaders } from './headers.ts';
import { assertJsonBody, parseBody, parseUrl } from './params.ts';
import { chooseRequestId } from './request-id.ts';
import { answerElsewhere, routeOf } from './route.ts';

export type HttpOptions = {
  readonly schema: GraphQLSchema;
  readonly config: Pick<GatewayConfig, 'deadline' | 'limits' | 'graphiql'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomId: () => string;
};

/** The node adapter adds `req`; `release` is the stage's own. */
type HttpContext = RequestContext & { req?: IncomingMessage; release?: () => void };

/** Time that an execution gets to end by itself after its signal has fired, so that what is there already is not lost. */
const graceMs = 250;

/** The http stage: routes, opens the request's slots, reads parameters within bounds, and ends what outlives its budget. */
export function useHttp({ schema, config, now, randomId }: HttpOptions): Plugin<object, HttpContext> {
  const { graphiql, deadline, limits } = config;
  const page = createPage(schema, graphiql, async (options) => {
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
    return renderGraphiQL({ ...options, favicon: 'data:,' });
  });
  return {
    // Not async: most requests need no promise here.
    onRequest({ request, serverContext: context, endResponse, fetchAPI }) {
      const route = routeOf(request.url);
      if (route !== 'graphql') {
        const { status, headers, body } = answerElsewhere(route);
        return endResponse(new fetchAPI.Response(body, { status, headers }));
      }
      const headers = readHeaders(context.req?.headers ?? request.headers);
      if (graphiql.enabled && wantsPage(request.method, headers.get('accept'))) {
        return page(headers).then(({ body, ...init }) => endResponse(new fetchAPI.Response(body, init)));
      }
      openSlots(context, headers, request.signal);
      return undefined;
    },

    onRequestParse({ request, serverContext: context, setRequestParser }) {
      if (request.method === 'GET') setRequestParser(() => parseUrl(request.url));
      if (request.method !== 'POST') return;
      const { headers, signal } = context;
      assertJsonBody(headers.get('content-type'), headers.get('content-encoding'));
      setRequestParser(async () => {
        const body = context.req ?? Readable.fromWeb((request.body ?? new Blob([]).stream()) as ReadableStream);
        const length = headers.get('content-length');
        return parseBody(await readBody(body, { limitBytes: limits.bodyBytes, signal, length }));
      });
    },

    onExecute({ executeFn, setExecuteFn, context }) {
      const { signal } = context as unknown as RequestContext;
      setExecuteFn((args) => endWith(signal, executeFn(args)));
    },

    onResponse({ serverContext }) {
      serverContext.release?.();
    },
  };

  function openSlots(context: HttpContext, headers: ReadonlyMap<string, string>, gone: AbortSignal): void {
    const startedAt = now();
    const asked = headers.get('x-request-timeout-ms');
    const budget = openBudget({ ...deadline, asked, startedAt, gone });
    context.requestId = chooseRequestId(headers.get('x-request-id'), randomId);
    context.headers = headers;
    context.startedAt = startedAt;
    context.deadline = budget.deadline;
    context.signal = budget.signal;
    context.release = budget.release;
    context.peer = { address: context.req?.socket.remoteAddress ?? '' };
    context.operation = undefined;
    context.calls = [];
    context.loaders = new Map();
  }
}

/** The result, unless it is not there shortly after the signal fired. */
function endWith<T>(signal: AbortSignal, result: T | Promise<T>): T | Promise<T> {
  if (!(result instanceof Promise)) return result;
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      const code = (signal.reason as Error).name === 'TimeoutError' ? 'DEADLINE_EXCEEDED' : 'CLIENT_CLOSED';
      timer = setTimeout(() => reject(new GatewayError(code, { cause: signal.reason })), graceMs);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    });
  });
}
