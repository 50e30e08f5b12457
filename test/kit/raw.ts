/** Requests over a connection of their own, with answers as they came: for tests of how answers look on the wire. */
import { request } from 'node:http';

export type RawRequest = {
  readonly method?: string;
  /** Path and query. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type RawAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
};

/** What differs from one answer to the next, and what is the connection's alone. */
const PASSING = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

/** @param url of the gateway; the answer's headers are those of the gateway, by name */
export function sendRaw(
  url: string,
  { method = 'POST', path = '/graphql', headers, body }: RawRequest,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, agent: false, headers: { ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const own = Object.entries(response.headers).filter(([name]) => !PASSING.has(name)) as [string, string][];
        const sorted = Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1)));
        resolve({ status: response.statusCode ?? 0, headers: sorted, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** An operation as clients send it. */
export function asJson(operation: object, headers: Readonly<Record<string, string>> = {}): RawRequest {
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(operation) };
}
