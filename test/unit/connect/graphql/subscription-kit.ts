/** What the tests of subscriptions share: a connector, upstreams that say what the test wants, and a reader. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Call, Connector, ConnectorOptions } from '../../../../gateway/connect/connector.ts';
import { openConnector } from '../../../../gateway/connect/open.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import { directivesNamed } from '../../../../gateway/lib/sdl.ts';
import { callOf, optionsOf, schemaOf } from '../kit.ts';

const SDL = /* GraphQL */ `
  type Query { now: String @graphqlField(subgraph: "shop", name: "now", type: "String") }
  type Subscription {
    shopTicks(of: ID @resolveRootField(subgraph: "shop", field: "id")): JSON
      @graphqlField(subgraph: "shop", name: "ticks", type: "Tick")
  }
`;

/** The source's connector, with the subscription `shopTicks` (`ticks` to the upstream). */
export function connectorOf(options: Partial<ConnectorOptions>, policy: unknown = {}): Connector {
  const subscription = schemaOf(SDL).getSubscriptionType()?.getFields() ?? {};
  const base = optionsOf({ sdl: SDL, policy });
  const operations = Object.values(subscription).map((field) => {
    const [wire = {}] = directivesNamed(field.astNode, 'graphqlField');
    return { name: field.name, kind: 'subscription' as const, field, wire };
  });
  return openConnector('graphql', { ...base, operations: [...base.operations, ...operations], ...options });
}

export const SELECTION = { text: '{ n }', variables: new Map() };

/** Subscribes to `shopTicks` as a subscription of a client does: without an end of its own. */
export function open(connector: Connector, rest: Partial<Call> = {}): AsyncIterator<unknown> {
  if (!connector.stream) throw new Error('the connector has no stream');
  const call = { ...callOf('shopTicks', { of: 'a' }), deadline: Number.POSITIVE_INFINITY, selection: SELECTION };
  return connector.stream({ ...call, ...rest })[Symbol.asyncIterator]();
}

export async function readRest(events: AsyncIterator<unknown>): Promise<unknown[]> {
  const read: unknown[] = [];
  for (let step = await events.next(); step.done !== true; step = await events.next()) read.push(step.value);
  return read;
}

/** Reads up to the error the stream fails with. */
export async function readToFault(events: AsyncIterator<unknown>): Promise<{ read: unknown[]; error: GatewayError }> {
  const read: unknown[] = [];
  for (;;) {
    try {
      const step = await events.next();
      if (step.done === true) throw new Error('the stream ended without an error');
      read.push(step.value);
    } catch (error) {
      if (error instanceof GatewayError) return { read, error };
      throw error;
    }
  }
}

/** Waits until a number is the same after many turns: nothing flows any more. */
export async function stopped(look: () => number): Promise<void> {
  for (let before = -1; before !== look(); ) {
    before = look();
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

export type Asked = { method: string; url: string; headers: IncomingHttpHeaders; body: string };

export type SseUpstream = {
  url: string;
  asked: Asked[];
  /** Responses that are still open. */
  open: Set<ServerResponse>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** An HTTP server whose answers the test writes by hand. */
export async function startSse(answer: (response: ServerResponse, asked: Asked) => void): Promise<SseUpstream> {
  const asked: Asked[] = [];
  const held = new Set<ServerResponse>();
  const server = createServer(async (request, response) => {
    held.add(response);
    response.once('close', () => held.delete(response));
    let body = '';
    for await (const line of createInterface(request)) body += line;
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body };
    asked.push(one);
    answer(response, one);
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    asked,
    open: held,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Begins a stream of events. */
export function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
}

/** Answers with a stream of this text, and ends. */
export function text(...parts: string[]): (response: ServerResponse) => void {
  return (response) => {
    begin(response);
    response.end(parts.join(''));
  };
}

export function eventOf(payload: unknown, name = 'next'): string {
  return `event: ${name}\ndata: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n\n`;
}

export type Said = { type: string; id?: string; payload?: Record<string, unknown> };

export type SocketUpstream = {
  url: string;
  /** One for each connection that was opened, in order. */
  sockets: { socket: WebSocket; headers: IncomingHttpHeaders; url: string; said: Said[] }[];
  /** Connections that are still open. */
  open(): number;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A WebSocket server whose messages the test writes by hand. */
export async function startSocket(
  answer: (said: Said, socket: WebSocket) => void,
  verify: (headers: IncomingHttpHeaders) => number | undefined = () => undefined,
): Promise<SocketUpstream> {
  const http = createServer((_request, response) => void response.writeHead(404).end());
  const server = new WebSocketServer({
    server: http,
    verifyClient: ({ req }, done) => {
      const status = verify(req.headers);
      done(status === undefined, status);
    },
  });
  const sockets: SocketUpstream['sockets'] = [];
  server.on('connection', (socket, { headers, url = '' }) => {
    const said: Said[] = [];
    sockets.push({ socket, headers, url, said });
    socket.on('error', () => undefined);
    socket.on('message', (data: RawData) => {
      const message = JSON.parse(String(data)) as Said;
      said.push(message);
      answer(message, socket);
    });
  });
  const port = await listening(http);
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    sockets,
    open: () => sockets.filter(({ socket }) => socket.readyState === WebSocket.OPEN).length,
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Acknowledges, and answers the subscription by `run`. */
export function polite(run: (socket: WebSocket) => void): (said: Said, socket: WebSocket) => void {
  return ({ type }, socket) => {
    if (type === 'connection_init') say(socket, { type: 'connection_ack' });
    if (type === 'subscribe') run(socket);
  };
}

export function say(socket: WebSocket, ...messages: object[]): void {
  for (const message of messages) socket.send(JSON.stringify(message));
}

export function next(payload: unknown): object {
  return { id: '1', type: 'next', payload };
}

export const COMPLETE = { id: '1', type: 'complete' };

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
