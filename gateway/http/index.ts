import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { isAsyncIterable, throughSteps } from '../lib/iterables.ts';
import { createInliner, takes } from './accept.ts';
import { openItem, refuseStream } from './batch.ts';
import { readBody } from './body.ts';
import { answerPreflight, corsHeaders } from './cors.ts';
import { assertNoForgery } from './csrf.ts';
import { endEachWith, endWith } from './ending.ts';
import { createPage, wantsPage } from './graphiql.ts';
import { readHeaders } from './headers.ts';
import { isMultipart, readMultipart } from './multipart.ts';
import { assertJsonBody, parseBodyOrList, parseUrl } from './params.ts';
import { createPeerOf } from './peer.ts';
import type { Identify } from './proof.ts';
import { answerElsewhere, pathOf, routeOf } from './route.ts';
import { closeSlots, endWithProof, type HttpContext, liftDeadline, openSlots } from './slots.ts';
import type { OpenStream, StreamKind } from './streams.ts';

export type HttpOptions = {
  readonly schema: GraphQLSchema;
  readonly config: Pick<
    GatewayConfig,
    'deadline' | 'limits' | 'graphiql' | 'introspection' | 'subscriptions' | 'csrf' | 'cors' | 'batching' | 'identity'
  >;
  /** Told of every answer that comes in parts. */
  readonly openStream: OpenStream;
  /** Settles who asks: asked again while a subscription goes on. */
  readonly identify: Identify;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomId: () => string;
};

/** The node adapter adds `req`, Yoga the rest; over WebSocket there is neither `req` nor `request`. */
type Slots = HttpContext & { req?: IncomingMessage; request?: unknown; params?: { readonly query?: string } };

/** The http stage: routes, opens the request's slots, reads parameters within bounds, and ends what outlives its budget. */
export function useHttp({ schema, config, openStream, identify, now, randomId }: HttpOptions): Plugin<object, Slots> {
  const { graphiql, deadline, limits, subscriptions, cors, batching } = config;
  const isSchemaOpen = config.introspection.allow === 'everybody';
  const page = createPage(schema, { ...graphiql, isSchemaOpen }, async (options) => {
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
    return renderGraphiQL({ ...options, favicon: 'data:,' });
  });
  const inOnePiece = createInliner();
  const peerOf = createPeerOf(config.identity.trustedProxy);

  /** A result in parts holds the slots until its end; everything else until the response is made. */
  function hold<T>(slots: Slots, kind: StreamKind, result: T): T {
    if (!isAsyncIterable(result)) return result;
    let close: () => void;
    try {
      close = openStream(kind, (reason) => slots.budget?.end(reason));
    } catch (error) {
      void result[Symbol.asyncIterator]().return?.();
      throw error;
    }
    slots.inParts = true;
    const recover = (error: unknown) => ({ errors: [error], hasNext: false });
    const end = (): void => {
      close();
      closeSlots(slots);
    };
    return throughSteps(result, { map: (part) => part, recover, end }) as T;
  }

  return {
    // Not async: most requests need no promise here.
    onRequest({ request, serverContext: context, endResponse, fetchAPI }) {
      const route = routeOf(request.url);
      if (route !== 'graphql') {
        const { status, headers, body } = answerElsewhere(route);
        return endResponse(new fetchAPI.Response(body, { status, headers }));
      }
      const headers = readHeaders(context.req?.headers ?? request.headers);
      const preflight = answerPreflight(request.method, headers, cors);
      if (preflight) return endResponse(new fetchAPI.Response(null, preflight));
      if (graphiql.enabled && wantsPage(request.method, headers.get('accept'))) {
        return page(headers).then(({ body, ...init }) => endResponse(new fetchAPI.Response(body, init)));
      }
      const requestId = headers.get('x-request-id');
      openSlots(context, { headers, gone: request.signal, requestId }, { deadline, now, randomId });
      context.path = pathOf(request.url);
      context.peer = peerOf(context.req?.socket, headers);
      return undefined;
    },

    onRequestParse({ request, serverContext: context, setRequestParser }) {
      const { headers } = context;
      if (request.method === 'GET') {
        assertNoForgery(headers, config, 400);
        setRequestParser(() => parseUrl(request.url));
      }
      if (request.method !== 'POST') return;
      const contentType = headers.get('content-type');
      const length = headers.get('content-length');
      const bodyOf = () => context.req ?? Readable.fromWeb((request.body ?? new Blob([]).stream()) as ReadableStream);
      if (limits.uploadFiles > 0 && isMultipart(contentType)) {
        assertNoForgery(headers, config, 415);
        setRequestParser(async () => {
          const { signal: over } = context;
          const bounds = { limitBytes: limits.uploadBytes, partBytes: limits.bodyBytes, maxFiles: limits.uploadFiles };
          const { params, release } = readMultipart(bodyOf(), { contentType, over, length, randomId, ...bounds });
          context.endFiles = release;
          return params;
        });
        return;
      }
      assertJsonBody(contentType, headers.get('content-encoding'));
      setRequestParser(async () => {
        const text = await readBody(bodyOf(), { limitBytes: limits.bodyBytes, over: context.signal, length });
        const params = parseBodyOrList(text, batching);
        if (Array.isArray(params)) context.batch = [];
        return params as never;
      });
    },

    onParams({ context }) {
      openItem(context as unknown as Slots, { deadline, now, randomId });
    },

    onExecute({ args, executeFn, setExecuteFn, context }) {
      const slots = context as unknown as Slots;
      const { signal } = slots;
      // Before the stages that follow look at the document: what they decide is about what is executed.
      if (!takesParts(slots)) args.document = inOnePiece(args.document);
      const parts = (value: unknown) =>
        isAsyncIterable(value) ? hold(slots, 'answer', endEachWith(signal, value)) : value;
      setExecuteFn((asked) => {
        const result = executeFn(asked);
        return result instanceof Promise ? endWith(signal, result.then(parts)) : parts(result);
      });
    },

    onSubscribe({ subscribeFn, setSubscribeFn, context }) {
      const slots = context as unknown as Slots;
      if (slots.batch !== undefined) refuseStream();
      if (slots.request !== undefined && !takes(slots.headers.get('accept'), 'text/event-stream')) {
        const message = 'A subscription is answered in events: send accept: text/event-stream, or use WebSocket.';
        throw new GatewayError('BAD_REQUEST', { status: 406, message });
      }
      setSubscribeFn(async (args) => {
        const result = await subscribeFn(args);
        if (isAsyncIterable(result)) {
          liftDeadline(slots, subscriptions.maxLifetimeMs);
          // A WebSocket connection ends with its proof itself.
          if (slots.request !== undefined) endWithProof(slots, { now, identify });
        }
        return hold(slots, 'subscription', result);
      });
    },

    onResponse({ response, serverContext: context }) {
      for (const slots of [context, ...((context.batch ?? []) as Slots[])])
        if (slots.inParts !== true) closeSlots(slots);
      if (cors.origins.length > 0 && context.headers !== undefined) {
        response.headers.append('vary', 'origin');
        for (const [name, value] of Object.entries(corsHeaders(context.headers, cors)))
          response.headers.set(name, value);
      }
      if (!/^(text\/event-stream|multipart\/)/.test(response.headers.get('content-type') ?? '')) return;
      // Ours to say: the listener knows when it is leaving, and no coding is applied.
      for (const name of ['connection', 'transfer-encoding', 'content-encoding']) response.headers.delete(name);
      // The usual proxies gather an answer before they pass it on, unless they are told not to.
      response.headers.set('x-accel-buffering', 'no');
    },
  };
}

/** Whether the operation may be answered in parts. A document that asks for none need not be looked at. */
function takesParts({ request, headers, params, batch }: Slots): boolean {
  if (batch !== undefined) return false;
  if (request === undefined || !/@(defer|stream)\b/.test(params?.query ?? '')) return true;
  const accept = headers.get('accept');
  return takes(accept, 'multipart/mixed') || takes(accept, 'text/event-stream');
}
