/** Clients on the network that can leave. */
import { type IncomingMessage, request } from 'node:http';
import { connect, subscribeMessage } from '../kit/socket.ts';

export type Client = {
  /** Goes, whatever is under way. */
  leave(): void;
  /** The answer's body; undefined for who has left. */
  readonly answer: Promise<unknown>;
  /** What was heard so far. */
  heard(): unknown;
  /** Gives up what is left of the connection; resolves when it is closed. */
  closed(): Promise<void>;
};

export async function askOverHttp(
  url: string,
  body: { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> },
  headers: Readonly<Record<string, string>> = {},
): Promise<Client> {
  const text = JSON.stringify(body);
  const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const client = request(`${url}/graphql`, { method: 'POST', agent: false, headers: { ...length, ...headers } });
  const parts: Buffer[] = [];
  const closed = new Promise<void>((resolve) => client.once('close', resolve));
  const answer = new Promise<unknown>((resolve) => {
    client.on('error', () => resolve(undefined));
    client.once('response', (response: IncomingMessage) => {
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('end', () => resolve(JSON.parse(Buffer.concat(parts).toString('utf8'))));
    });
  });
  client.end(text);
  return {
    leave: () => void client.destroy(),
    answer,
    heard: () => Buffer.concat(parts).toString('utf8'),
    closed: () => {
      client.destroy();
      return closed;
    },
  };
}

/** @param how whether who leaves breaks the connection, or completes the operation and stays */
export async function askOverSocket(url: string, query: string, how: 'break' | 'complete'): Promise<Client> {
  const client = await connect(`${url}/graphql`);
  const heard: unknown[] = [];
  client.socket.on('message', (message) => heard.push(JSON.parse(String(message))));
  client.send(subscribeMessage('1', query));
  return {
    leave: () => (how === 'break' ? client.socket.terminate() : client.send({ id: '1', type: 'complete' })),
    answer: client.next().then(({ payload }) => payload),
    heard: () => heard,
    closed: async () => {
      client.socket.terminate();
      await client.closed;
    },
  };
}
