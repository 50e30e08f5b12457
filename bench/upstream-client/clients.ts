import { Agent, get } from 'node:http';
import { connect } from 'node:http2';
import { type Dispatcher, Pool, fetch as undiciFetch } from 'undici';

export type Client = {
  /** The body of the answer to a GET. */
  get(path: string): Promise<Buffer>;
  close(): Promise<void> | void;
};

export type Ports = Readonly<Record<string, number>>;

/** As many as the gateway opens to one address at most. */
const connections = 256;

/** What a call of the gateway does: no stream in between. */
function dispatching(pool: Pool, blocking = true): Client {
  const send = (path: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const options: Dispatcher.DispatchOptions = { method: 'GET', path, blocking };
      pool.dispatch(options, {
        onRequestStart: () => undefined,
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd: () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
        onResponseError: (_controller, error) => reject(error),
      });
    });
  return { get: send, close: () => pool.destroy() };
}

function requesting(pool: Pool): Client {
  const send = async (path: string): Promise<Buffer> => {
    const { body } = await pool.request({ method: 'GET', path });
    return Buffer.from(await body.arrayBuffer());
  };
  return { get: send, close: () => pool.destroy() };
}

function fetching(origin: string): Client {
  const dispatcher = new Pool(origin, { connections });
  const send = async (path: string): Promise<Buffer> =>
    Buffer.from(await (await undiciFetch(`${origin}${path}`, { dispatcher })).arrayBuffer());
  return { get: send, close: () => dispatcher.destroy() };
}

function agent(port: number): Client {
  const kept = new Agent({ keepAlive: true, maxSockets: connections });
  const send = (path: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      get({ agent: kept, host: '127.0.0.1', port, path }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => void chunks.push(chunk));
        response.once('end', () => resolve(Buffer.concat(chunks)));
      }).once('error', reject);
    });
  return { get: send, close: () => kept.destroy() };
}

function session(origin: string): Client {
  const opened = connect(origin);
  const send = (path: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const stream = opened.request({ ':path': path });
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.once('end', () => resolve(Buffer.concat(chunks)));
      stream.once('error', reject);
    });
  return { get: send, close: () => opened.close() };
}

/** The ways there are to ask one address; the first is what the gateway does, and what others are compared with. */
export const clients: readonly { name: string; server: string; open(port: number): Client }[] = [
  { name: 'undici dispatch', server: 'h1', open: (port) => dispatching(new Pool(http(port), { connections })) },
  {
    name: 'undici dispatch, pipelining 10',
    server: 'h1',
    open: (port) => dispatching(new Pool(http(port), { connections, pipelining: 10 }), false),
  },
  { name: 'undici request', server: 'h1', open: (port) => requesting(new Pool(http(port), { connections })) },
  { name: 'undici fetch', server: 'h1', open: (port) => fetching(http(port)) },
  { name: 'node:http with an Agent', server: 'h1', open: agent },
  { name: 'node:http2, one session', server: 'h2', open: (port) => session(http(port)) },
  {
    name: 'undici dispatch over TLS',
    server: 'tls',
    open: (port) => dispatching(new Pool(https(port), { connections, connect: trusting })),
  },
  {
    name: 'undici dispatch over TLS, HTTP/2',
    server: 'tls',
    open: (port) =>
      dispatching(new Pool(https(port), { connections: 1, allowH2: true, pipelining: 100, connect: trusting }), false),
  },
];

/** The certificate was made a moment ago, for this machine alone. */
const trusting = { rejectUnauthorized: false };
const http = (port: number): string => `http://127.0.0.1:${port}`;
const https = (port: number): string => `https://127.0.0.1:${port}`;
