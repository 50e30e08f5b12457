/** Subscriptions over WebSocket: graphql-transport-ws (graphql-ws, PROTOCOL.md), one connection for each. */
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, type Message, MessageType, validateMessage } from 'graphql-ws';
import { type RawData, WebSocket } from 'ws';
import { type ErrorCode, GatewayError } from '../../errors.ts';
import { parseJson } from '../../lib/json.ts';
import { PayloadError, statusFault } from '../rest/outcome.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { readEvent } from './outcome.ts';
import type { OpenSubscription, SubscriptionRequest } from './subscription.ts';

/** Events that wait for their reader; then no more is read from the connection. */
const WAITING_EVENTS = 16;
/** Time between pings, in ms: who has not answered one by the next is gone. */
const PING_MS = 12_000;
/** Time the upstream gets to answer the closing handshake, in ms. */
const GOODBYE_MS = 1000;
/** Bytes that may wait to be sent when a ping is answered: who pings and does not read gets no more answers. */
const MAX_WAITING_BYTES = 65_536;
/** A connection has one subscription, so one id will do. */
const ID = '1';

/** What `close` says that is more than "gone" (graphql-ws, PROTOCOL.md; RFC 6455 §7.4.1). */
const CLOSE_CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [CloseCode.Unauthorized, 'UPSTREAM_REJECTED'],
  [CloseCode.Forbidden, 'UPSTREAM_REJECTED'],
  [CloseCode.BadRequest, 'UPSTREAM_REJECTED'],
  [CloseCode.SubprotocolNotAcceptable, 'UPSTREAM_REJECTED'],
  [CloseCode.InternalServerError, 'UPSTREAM_FAILED'],
  [1011, 'UPSTREAM_FAILED'],
]);

type Answer = { response: unknown };

/**
 * Opens the connection of one subscription. Who leaves completes it at the upstream and closes the connection. The headers of the
 * call stand in the upgrade and in the payload of `connection_init`, for upstreams that look there.
 *
 * Numbers are read without loss and reading can wait, neither of which the client of graphql-ws offers; the messages are its own.
 */
export const openSocket: OpenSubscription = async function* (request, signal) {
  const { field, target, lost } = request;
  const socket = connect(request);
  const answers = createInbox<Answer>({
    size: WAITING_EVENTS,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  });
  const leave = (): void => answers.end(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  const close = converse(socket, request, answers);
  try {
    for (;;) {
      const step = await answers.take();
      if (signal.aborted) throw signal.reason;
      if (step.done) return;
      yield readEvent(step.value.response, field, target, lost);
    }
  } finally {
    signal.removeEventListener('abort', leave);
    close();
  }
};

function connect({ url, headers, tls, lookup, maxBodyBytes }: SubscriptionRequest): WebSocket {
  const { ca, cert, key, serverName } = tls ?? {};
  return new WebSocket(url, GRAPHQL_TRANSPORT_WS_PROTOCOL, {
    headers: Object.fromEntries(headers),
    maxPayload: maxBodyBytes,
    // Answered below, within bounds.
    autoPong: false,
    // A small message must not become a large one.
    perMessageDeflate: false,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key && { key: key.reveal() }),
    ...(serverName !== undefined && { servername: serverName }),
    ...(lookup && { lookup }),
  });
}

/**
 * The client's side of the protocol: what comes goes to `answers`, faults too.
 *
 * @returns what says goodbye
 */
function converse(socket: WebSocket, request: SubscriptionRequest, answers: Inbox<Answer>): () => void {
  const { target, body, refused } = request;
  const { source } = target();
  let state: 'opening' | 'open' | 'over' = 'opening';
  const finish = (fault?: Error): void => {
    state = 'over';
    answers.end(fault);
  };
  const say = (message: Message): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  function hear(data: RawData, isBinary: boolean): void {
    if (state === 'over') return;
    const message = isBinary ? undefined : read(data);
    if (message?.type === MessageType.Ping) {
      if (mayAnswer(socket)) say({ type: MessageType.Pong, ...payloadOf(message) });
    } else if (message?.type === MessageType.Pong) return;
    else if (message?.type === MessageType.ConnectionAck && state === 'opening') {
      state = 'open';
      request.opened();
      say({ id: ID, type: MessageType.Subscribe, payload: body });
    } else if (message === undefined || state === 'opening' || !('id' in message) || message.id !== ID) {
      finish(new PayloadError('not a message of graphql-transport-ws'));
    } else if (message.type === MessageType.Next) answers.put({ response: message.payload });
    else if (message.type === MessageType.Error) {
      // It says so of the field, as an answer would.
      answers.put({ response: { errors: message.payload } });
      finish();
    } else if (message.type === MessageType.Complete) finish();
    else finish(new PayloadError(`the upstream sent the message ${message.type}`));
  }

  socket.on('message', hear);
  socket.on('ping', (data) => {
    if (mayAnswer(socket)) socket.pong(data);
  });
  socket.on('open', () => say({ type: MessageType.ConnectionInit, payload: request.initPayload }));
  socket.on('unexpected-response', (_request, response) => {
    const { statusCode: status = 0, headers } = response;
    if (status === 401) refused();
    finish(statusFault({ status, headers, body: Buffer.alloc(0), bytes: 0 }, target()));
    socket.terminate();
  });
  socket.on('error', (error: Error & { code?: string }) => {
    // The library's own codes are for frames that break the rules, or are too large.
    finish(
      error.code?.startsWith('WS_ERR_') ? Object.assign(new PayloadError(error.message), { cause: error }) : error,
    );
  });
  socket.on('close', (code, reason) => {
    stopPings();
    clearTimeout(goodbye);
    if (code === CloseCode.Unauthorized) refused();
    const cause = new Error(`the connection was closed: ${code} ${String(reason)}`);
    finish(new GatewayError(CLOSE_CODES.get(code) ?? 'UPSTREAM_UNREACHABLE', { source, cause }));
  });
  const stopPings = keepAlive(socket);
  let goodbye: NodeJS.Timeout | undefined;
  return () => {
    if (state === 'open') say({ id: ID, type: MessageType.Complete });
    finish();
    if (socket.readyState === WebSocket.CLOSED) return;
    goodbye = setTimeout(() => socket.terminate(), GOODBYE_MS);
    // The answer to the handshake stands behind what was not read.
    socket.resume();
    socket.close(1000);
  };
}

function mayAnswer(socket: WebSocket): boolean {
  return socket.readyState === WebSocket.OPEN && socket.bufferedAmount < MAX_WAITING_BYTES;
}

/** Pings, and ends a connection that stays silent. @returns what stops it */
function keepAlive(socket: WebSocket): () => void {
  let isAlive = true;
  const heard = (): void => {
    isAlive = true;
  };
  socket.on('pong', heard).on('ping', heard).on('message', heard);
  const timer = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (!isAlive) return socket.terminate();
    // One that is not read from cannot be heard.
    isAlive = socket.isPaused;
    socket.ping();
  }, PING_MS);
  return () => clearInterval(timer);
}

function read(data: RawData): Message | undefined {
  try {
    return validateMessage(parseJson(String(data)));
  } catch {
    return undefined;
  }
}

function payloadOf({ payload }: { payload?: Record<string, unknown> | undefined }): {
  payload?: Record<string, unknown>;
} {
  return payload === undefined ? {} : { payload };
}
