/** The only file that speaks gRPC to upstreams. */
import { type ChannelOptions, Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { GatewayError } from '../../errors.ts';
import type { GrpcFailure } from './outcome.ts';

export type GrpcRequest = {
  path: string;
  message: Buffer;
  headers: ReadonlyMap<string, string>;
  /** Time the upstream is told it has, in ms. */
  remainingMs: number;
};

export type GrpcReply = { message: Buffer } | GrpcFailure;

export type GrpcTransport = {
  /** The address as grpc-js was given it, for the log. */
  target: string;
  /**
   * Makes one unary call; a status other than OK is an answer too. Rejects with the signal's reason when it is aborted, and with
   * GatewayError BAD_REQUEST when a header cannot be metadata.
   */
  send(request: GrpcRequest, signal: AbortSignal): Promise<GrpcReply>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type GrpcTransportOptions = {
  source: string;
  endpoints: readonly string[];
  /** Largest message that is received. */
  maxBodyBytes: number;
};

/** Headers that gRPC writes itself, and those that mean something to HTTP alone. */
const NOT_METADATA = new Set(['accept', 'content-type', 'user-agent', 'x-request-timeout-ms']);

/**
 * Our own timer ends a call, because it knows whose time was up; the deadline that grpc-js sends on as `grpc-timeout` and watches
 * too comes that much later, so that the two do not race.
 */
const BACKSTOP_MS = 10;

/**
 * Opens the one channel to the first endpoint of a source: `host:port`, `grpc://`, `http://` in plain text, `grpcs://`, `https://`
 * with TLS, `dns:///host:port` and other targets of grpc-js as they are.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no endpoint or it cannot be understood
 */
export function createGrpcTransport({ source, endpoints, maxBodyBytes }: GrpcTransportOptions): GrpcTransport {
  const { target, secure } = parseEndpoint(endpoints[0], source);
  const security = secure ? credentials.createSsl() : credentials.createInsecure();
  const client = new Client(target, security, channelOptions(maxBodyBytes));

  return {
    target,
    send: ({ path, message, headers, remainingMs }, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const metadata = metadataOf(headers, source);
        const options = { deadline: new Date(Date.now() + remainingMs + BACKSTOP_MS) };
        const call = client.makeUnaryRequest(path, same, same, message, metadata, options, (error, reply) => {
          signal.removeEventListener('abort', onAbort);
          if (signal.aborted) reject(signal.reason);
          else if (error) resolve({ code: error.code, name: status[error.code] ?? String(error.code), error });
          else resolve({ message: reply ?? Buffer.alloc(0) });
        });
        const onAbort = (): void => {
          reject(signal.reason);
          call.cancel();
        };
        signal.addEventListener('abort', onAbort, { once: true });
      }),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

function channelOptions(maxBodyBytes: number): ChannelOptions {
  return {
    'grpc.primary_user_agent': 'tributary',
    'grpc.max_receive_message_length': maxBodyBytes,
    // Calls go round all addresses of a name instead of sticking to the first.
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // A rule of ours decides what is sent twice.
    'grpc.enable_retries': 0,
    // A connection that died silently is noticed while calls wait on it; idle ones are left alone, as servers ask.
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.keepalive_permit_without_calls': 0,
    // The environment's proxy is for the outside.
    'grpc.enable_http_proxy': 0,
  };
}

function parseEndpoint(endpoint: string | undefined, source: string): { target: string; secure: boolean } {
  const match = /^(?:(grpc|http|grpcs|https):\/\/)?([^\s/]+)\/*$/i.exec(endpoint ?? '');
  const scheme = match?.[1]?.toLowerCase();
  const authority = match?.[2] ?? '';
  if (scheme !== undefined) {
    const secure = scheme === 'grpcs' || scheme === 'https';
    return { target: /:\d+$/.test(authority) ? authority : `${authority}:${secure ? 443 : 80}`, secure };
  }
  if (endpoint !== undefined && (/^[^\s/]+:\d+$/.test(endpoint) || /^(dns|ipv4|ipv6|unix):/.test(endpoint))) {
    return { target: endpoint, secure: false };
  }
  const message = 'The source has no gRPC address: set endpoints.static in its policy.yaml, written host:port.';
  throw new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause: endpoint });
}

/** Names that end in `-bin` carry bytes, which HTTP headers write as base64 (gRPC over HTTP/2, "ASCII-Header | Binary-Header"). */
function metadataOf(headers: ReadonlyMap<string, string>, source: string): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) {
    if (NOT_METADATA.has(name) || name.startsWith('grpc-')) continue;
    try {
      metadata.set(name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
    } catch (cause) {
      const message = `The header ${name} cannot be sent as metadata: use ASCII characters alone.`;
      throw new GatewayError('BAD_REQUEST', { source, message, cause });
    }
  }
  return metadata;
}

/** Messages are written and read outside of grpc-js, which would call a bad one an internal error. */
function same(bytes: Buffer): Buffer {
  return bytes;
}
