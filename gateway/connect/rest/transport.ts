/** The only file that speaks HTTP to upstreams. */
import { Readable } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';
import type { TlsMaterial } from '../../config/tls-files.ts';
import { GatewayError } from '../../errors.ts';
import type { Abortable } from '../../lib/ending.ts';
import { sha256 } from '../../lib/hash.ts';
import type { Guard } from '../guard.ts';
import { shownAddress } from '../shown-address.ts';
import { type BodyPieces, writePieces } from '../upload.ts';
import { decodeBody } from './decode.ts';
import { type HttpAnswer, PayloadError } from './outcome.ts';

export type HttpRequest = {
  method: string;
  /** Path and query below the endpoint's own path. */
  path: string;
  headers: ReadonlyMap<string, string>;
  body: string | Buffer | BodyPieces | undefined;
};

export type HttpTransport = {
  /** The URL of a path, for the log: without the query that the endpoint itself has, which may prove who asks. */
  urlOf(path: string): string;
  /** The same as it is sent, for the wire alone. */
  wireUrlOf(path: string): string;
  /** The URL of a path, for keys: the endpoint's own query as its hash. */
  keyUrlOf(path: string): string;
  /**
   * Sends one request and reads the whole answer, whatever its status. Redirects are not followed. Rejects with the signal's
   * reason, with a PayloadError, or with what the network said.
   */
  send(request: HttpRequest, signal: Abortable): Promise<HttpAnswer>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type HttpTransportOptions = {
  source: string;
  endpoints: readonly string[];
  /** Largest body, as received and as decoded. */
  maxBodyBytes: number;
  /** Most connections to the endpoint; further calls wait for one (default 256). */
  maxConnections?: number;
  /** Most reads on their way over one connection (default 1); what changes something goes alone. */
  pipelining?: number;
  /** How the endpoint is spoken to over TLS, where the policy says so; it has to be an https address then. */
  tls?: TlsMaterial | undefined;
  /** Resolves the host of the endpoint, where that has to be judged. */
  guard?: Pick<Guard, 'lookup'> | undefined;
};

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens the pool of connections to the first endpoint of a source.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no endpoint or it is no http(s) address
 */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { source, maxBodyBytes, maxConnections = 256, pipelining = 1, tls, guard } = options;
  const { origin, basePath, search } = parseEndpoint(options.endpoints[0], source);
  if (tls && !origin.startsWith('https:')) {
    const message = 'The policy has tls but the address is not https: write endpoints.static with https.';
    throw new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause: origin });
  }
  const pool = new Pool(origin, {
    connections: maxConnections,
    pipelining,
    connect: connectOptions(tls, guard),
    // Every call has a deadline of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  // What does not begin with a slash could be read as an address of its own (RFC 9112 §3.2.2).
  const below = (path: string): string => (/^($|[/?])/.test(path) ? path : `/${path}`);
  const pathOf = (path: string): string => basePath + withSearch(below(path));
  const withSearch = (path: string): string =>
    search === '' ? path : path.includes('?') ? path.replace('?', () => `${search}&`) : path + search;

  const urlOf = (path: string): string => origin + basePath + below(path);
  const searchKey = search === '' ? '' : `#${sha256([search])}`;

  return {
    urlOf,
    wireUrlOf: (path) => origin + pathOf(path),
    keyUrlOf: (path) => urlOf(path) + searchKey,
    send: ({ method, path, headers, body }, signal) =>
      exchange(
        pool,
        {
          method: method as Dispatcher.HttpMethod,
          path: pathOf(path) || '/',
          headers: fieldsOf(headers),
          // What may be followed at once: undici waits for the head of every answer otherwise.
          ...(pipelining > 1 && { blocking: method !== 'GET' && method !== 'HEAD' }),
          body:
            typeof body === 'string' || Buffer.isBuffer(body) ? body : body ? Readable.from(writePieces(body)) : null,
        },
        signal,
        maxBodyBytes,
      ),
    [Symbol.asyncDispose]: async () => await pool.destroy(),
  };
}

function connectOptions({ ca, cert, key, serverName }: TlsMaterial = {}, guard?: Pick<Guard, 'lookup'>) {
  return {
    timeout: CONNECT_TIMEOUT_MS,
    ...(guard && { lookup: guard.lookup }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key && { key: key.reveal() }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

/** `http://host:1/api/` → origin and path to put before every path; without a scheme it is http. */
function parseEndpoint(
  endpoint: string | undefined,
  source: string,
): { origin: string; basePath: string; search: string } {
  const text = endpoint === undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `http://${endpoint}`;
  const isForGrpc = /^(dns|ipv4|ipv6|unix):(?!\d{1,5}$)/.test(endpoint ?? '');
  const url = text !== undefined && !isForGrpc && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const message = 'The source has no http address: set endpoints.static in its policy.yaml.';
    throw new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause: shownAddress(endpoint) });
  }
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, ''), search: url.search };
}

/** Names and values in turn. */
function fieldsOf(headers: ReadonlyMap<string, string>): string[] {
  const fields: string[] = [];
  for (const [name, value] of headers) fields.push(name, value);
  return fields;
}

/** One exchange on the pool, without streams in between: what comes is collected until it ends or is too much. */
function exchange(
  pool: Pool,
  options: Dispatcher.DispatchOptions,
  signal: Abortable,
  maxBodyBytes: number,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let controller: Dispatcher.DispatchController | undefined;
    let ended = false;
    let status = 0;
    let headers: HttpAnswer['headers'] = {};
    let bytes = 0;
    const chunks: Buffer[] = [];

    const finish = (): void => {
      ended = true;
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (reason: Error): void => {
      if (ended) return;
      finish();
      reject(reason);
      // Ends the socket: what is still coming has nowhere to go.
      controller?.abort(reason);
    };
    const onAbort = (): void => fail(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });

    pool.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        if (ended) started.abort(new Error('nobody waits for the answer'));
      },
      onResponseStart(_controller, statusCode, responseHeaders) {
        status = statusCode;
        headers = responseHeaders;
        // To HEAD it is told how long the body would be.
        const announced = options.method === 'HEAD' ? 0 : Number(responseHeaders['content-length']);
        if (announced > maxBodyBytes) fail(tooLarge(maxBodyBytes));
      },
      onResponseData(_controller, chunk) {
        bytes += chunk.length;
        if (bytes > maxBodyBytes) fail(tooLarge(maxBodyBytes));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        if (ended) return;
        finish();
        const [first = Buffer.alloc(0)] = chunks;
        const body = chunks.length > 1 ? Buffer.concat(chunks, bytes) : first;
        const answer: HttpAnswer = { status, headers, body, bytes };
        resolve(headers['content-encoding'] === undefined ? answer : decoded(answer, maxBodyBytes));
      },
      onResponseError(_controller, error) {
        fail(error);
      },
    });
  });
}

async function decoded(answer: HttpAnswer, maxBodyBytes: number): Promise<HttpAnswer> {
  const coding = String(answer.headers['content-encoding']);
  return { ...answer, body: await decodeBody(answer.body, coding, maxBodyBytes) };
}

function tooLarge(maxBodyBytes: number): PayloadError {
  return new PayloadError(`the body is larger than ${maxBodyBytes} bytes`);
}
