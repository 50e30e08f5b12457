/** The only file that speaks gRPC to upstreams. */
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  status,
} from '@grpc/grpc-js';
import type { TlsMaterial } from '../../config/tls-files.ts';
import { GatewayError } from '../../errors.ts';
import type { Abortable } from '../../lib/ending.ts';
import type { Guard } from '../guard.ts';
import { type Channel, channelOptions } from './channel-options.ts';
import { parseEndpoint } from './endpoint.ts';
import { type GrpcFailure, NO_STATUS } from './outcome.ts';

export type GrpcRequest = {
  path: string;
  headers: ReadonlyMap<string, string>;
  /** Gets the initial metadata of the answer, values of one name in order. */
  onHead?: ((metadata: Readonly<Record<string, string[]>>) => void) | undefined;
  /** Time the upstream is told it has, in ms; Infinity for a call that has no end of its own. */
  remainingMs: number;
};

export type GrpcReply = { message: Buffer } | GrpcFailure;

/** Messages as they come; what the generator returns says how the call ended, undefined for OK. */
export type GrpcExchange = AsyncGenerator<Buffer, GrpcFailure | undefined, undefined>;

export type GrpcTransport = {
  /** The address as grpc-js was given it, for the log. */
  target: string;
  /**
   * Makes one unary call; a status other than OK is an answer too. Rejects with the signal's reason when it is aborted, and with
   * GatewayError BAD_REQUEST when a header cannot be metadata.
   */
  send(request: GrpcRequest & { message: Buffer }, signal: Abortable): Promise<GrpcReply>;
  /**
   * Makes one call whose sides are streams: sends all messages, closes the sending side, gives what comes back. Whoever stops
   * reading, or aborts the signal (the generator throws its reason then), cancels the call. No more than sixteen messages are
   * taken off the connection before they are asked for.
   */
  exchange(request: GrpcRequest & { messages: readonly Buffer[] }, signal: Abortable): GrpcExchange;
  [Symbol.asyncDispose](): Promise<void>;
};

export type GrpcTransportOptions = Channel & {
  source: string;
  endpoints: readonly string[];
  /** How the endpoint is spoken to over TLS; with it, an address without a scheme is spoken to over TLS too. */
  tls?: TlsMaterial | undefined;
  /** Judges what the host of the endpoint resolves to, before calls: grpc-js resolves it for itself. */
  guard?: Pick<Guard, 'check'> | undefined;
};

/** Headers that gRPC writes itself, and those that mean something to HTTP alone. */
const NOT_METADATA = new Set(['accept', 'content-type', 'user-agent', 'x-request-timeout-ms']);

/**
 * Our own timer ends a call, because it knows whose time was up; the deadline that grpc-js sends on as `grpc-timeout` and watches
 * too comes that much later, so that the two do not race.
 */
const BACKSTOP_MS = 10;

/**
 * Opens the one channel to the first endpoint of a source; see `parseEndpoint` for its forms.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no endpoint or it cannot be understood
 */
export function createGrpcTransport(options: GrpcTransportOptions): GrpcTransport {
  const { source, endpoints, tls, guard } = options;
  const { target, secure } = parseEndpoint(endpoints[0], source);
  if (tls && /^(grpc|http):/i.test(endpoints[0] ?? '')) {
    const message = 'The policy has tls but the address is in plain text: write endpoints.static with grpcs.';
    throw new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause: endpoints[0] });
  }
  const security = secure || tls ? secured(tls) : credentials.createInsecure();
  const client = new Client(target, security, { ...channelOptions(options), ...named(tls) });

  return {
    target,
    send: async ({ path, message, headers, remainingMs, onHead }, signal) => {
      if (guard) await guard.check();
      return await new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const metadata = metadataOf(headers, source);
        const call = client.makeUnaryRequest(
          path,
          same,
          same,
          message,
          metadata,
          until(remainingMs),
          (error, reply) => {
            signal.removeEventListener('abort', onAbort);
            if (signal.aborted) reject(signal.reason);
            else if (error) resolve(failureOf(error));
            else resolve({ message: reply ?? Buffer.alloc(0) });
          },
        );
        const onAbort = (): void => {
          reject(signal.reason);
          call.cancel();
        };
        signal.addEventListener('abort', onAbort, { once: true });
        if (onHead) call.on('metadata', (metadata) => onHead(headOf(metadata)));
      });
    },
    async *exchange({ path, messages, headers, remainingMs, onHead }, signal) {
      if (guard) await guard.check();
      if (signal.aborted) throw signal.reason;
      const metadata = metadataOf(headers, source);
      const call = client.makeBidiStreamRequest<Buffer, Buffer>(path, same, same, metadata, until(remainingMs));
      if (onHead) call.on('metadata', (initial: Metadata) => onHead(headOf(initial)));
      return yield* read(call, messages, signal);
    },
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

function secured({ ca, cert, key }: TlsMaterial = {}): ChannelCredentials {
  const bytes = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  return credentials.createSsl(bytes(ca), bytes(key?.reveal()), bytes(cert));
}

function named({ serverName }: TlsMaterial = {}): ChannelOptions {
  if (serverName === undefined) return {};
  return { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName };
}

async function* read(
  call: ClientDuplexStream<Buffer, Buffer>,
  messages: readonly Buffer[],
  signal: Abortable,
): GrpcExchange {
  let failure: GrpcFailure | undefined;
  let ended = false;
  let wake = (): void => undefined;
  const onAbort = (): void => wake();
  call.on('error', (error: Error) => {
    if (isStatusError(error)) failure = failureOf(error);
    wake();
  });
  call.on('status', () => {
    ended = true;
    wake();
  });
  call.on('readable', () => wake());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    write(call, messages);
    for (;;) {
      if (signal.aborted) throw signal.reason;
      const message: Buffer | null = call.read();
      if (message !== null) yield message;
      else if (ended) return failure;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Without effect on a call that has ended.
    call.cancel();
  }
}

/** Sends as fast as the connection takes the messages; a call that ends before takes none any more. */
function write(call: ClientDuplexStream<Buffer, Buffer>, messages: readonly Buffer[]): void {
  const rest = messages.values();
  const next = (): void => {
    for (const message of rest) {
      if (call.write(message)) continue;
      call.once('drain', next);
      return;
    }
    call.end();
  };
  next();
}

function isStatusError(error: Error): error is Error & { code: number } {
  return 'code' in error;
}

function failureOf(error: Error & { code: number }): GrpcFailure {
  const metadata = 'metadata' in error && error.metadata instanceof Metadata ? error.metadata : undefined;
  const [details] = metadata?.get('grpc-status-details-bin') ?? [];
  const code = Number.isInteger(error.code) ? error.code : NO_STATUS;
  const name = status[code] ?? (code === NO_STATUS ? 'UNKNOWN' : String(code));
  return { code, name, error, details: Buffer.isBuffer(details) ? details : undefined };
}

function until(remainingMs: number): { deadline?: Date } {
  return Number.isFinite(remainingMs) ? { deadline: new Date(Date.now() + remainingMs + BACKSTOP_MS) } : {};
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

/** Metadata as it came over HTTP/2: what ends in `-bin` is base64. */
function headOf(metadata: Metadata): Record<string, string[]> {
  return metadata.toHttp2Headers() as Record<string, string[]>;
}

/** Messages are written and read outside of grpc-js, which would call a bad one an internal error. */
function same(bytes: Buffer): Buffer {
  return bytes;
}
