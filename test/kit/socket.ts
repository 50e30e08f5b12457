/** A WebSocket client that says exactly what a test wants said. */
import type { ClientOptions } from 'ws';
import { WebSocket } from 'ws';
import type { Answer, QueryOptions } from './app.ts';

export type Message = { readonly type: string; readonly id?: string; readonly payload?: unknown };

export type SocketClient = {
  readonly socket: WebSocket;
  send(...messages: (Message | string)[]): void;
  /** The next message that was not taken yet. */
  next(): Promise<Message>;
  /** Code and reason, once it is closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
};

/** Connects; `handshake` is false for a socket without `connection_init`. @throws `Unexpected server response: <status>` */
export async function connect(
  url: string,
  options: ClientOptions & { protocols?: string[]; init?: unknown; handshake?: boolean } = {},
): Promise<SocketClient> {
  const { protocols = ['graphql-transport-ws'], init, handshake = true, ...rest } = options;
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, rest);
  const queue: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    const next = waiting.shift();
    if (next === undefined) queue.push(message);
    else next(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  const client: SocketClient = {
    socket,
    closed,
    send(...messages) {
      for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
    next() {
      const message = queue.shift();
      return message === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(message);
    },
  };
  if (handshake) {
    client.send({ type: 'connection_init', ...(init !== undefined && { payload: init }) });
    const answer = await client.next();
    if (answer.type !== 'connection_ack') throw new Error(`not acknowledged: ${JSON.stringify(answer)}`);
  }
  return client;
}

export function subscribeMessage(id: string, query: string, more: Record<string, unknown> = {}): Message {
  return { id, type: 'subscribe', payload: { query, ...more } };
}

/** Sends one operation on a connection of its own, and gives its answer as HTTP would. */
export async function queryOverSocket(
  url: string,
  query: string,
  { headers, ...more }: QueryOptions = {},
): Promise<Answer['body']> {
  const client = await connect(url, { ...(headers && { headers }) });
  client.send(subscribeMessage('1', query, more));
  const { type, payload } = await client.next();
  client.socket.close();
  await client.closed;
  return (type === 'error' ? { errors: payload } : payload) as Answer['body'];
}
