/** The port clients talk to, and how it is left without losing a request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { TlsMaterial } from '../config/tls-files.ts';
import { stopListening } from '../lib/stop-listening.ts';
import { within } from '../lib/within.ts';
import { createParting } from './parting.ts';

export type ListenerOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Serves https with it; clients are asked for a certificate where it names who may sign them. */
  readonly tls?: TlsMaterial | undefined;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Takes over a connection whose client asks for WebSocket. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
};

export type Listener = {
  /** For example `http://127.0.0.1:4000`, or with https. */
  readonly url: string;
  readonly port: number;
  /** Requests whose answer has not been sent. */
  inFlight(): number;
  /**
   * Says farewell, stops accepting, lets requests in flight end, closes every connection. Never longer than `limitMs`.
   * Connections that were taken over are the taker's to close.
   * @param farewellOver told when nobody new is served any more
   * @param reason `replaced` where another process listens on the port already: connections then are not closed but left to end, each with an
   *   answer: the first at once, the others within a second or a quarter of the limit
   * @returns how many requests were cut off
   */
  drain(limitMs: number, farewellOver: () => void, reason: 'stop' | 'replaced'): Promise<number>;
};

/** Longer than the idle time of the usual load balancers, so that it is never us who closes under a request. */
const keepAliveMs = 75_000;
/**
 * Time in which everybody is still served but told to leave: clients on kept-alive connections by the answer to their next request,
 * load balancers by readiness. Closing at once would cut off who is just connecting.
 */
const farewellMs = 250;
/** Time that connections which were taken over get to be gone, beyond the limit. */
const goodbyeMs = 1000;

/** @throws what the system says when the address is taken or not ours (EADDRINUSE, EACCES) */
export async function openListener({
  host,
  port,
  tls,
  handle,
  upgrade,
  now = Date.now,
}: ListenerOptions): Promise<Listener> {
  const open = new Set<ServerResponse>();
  let isLast: ((connection: object) => boolean) | undefined;
  let idle: (() => void) | undefined;
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    open.add(response);
    response.on('close', () => {
      open.delete(response);
      if (open.size === 0) idle?.();
    });
    if (isLast?.(request.socket)) response.setHeader('connection', 'close');
    handle(request, response);
  };
  const options = { keepAliveTimeout: keepAliveMs };
  const server = tls ? createSecureServer({ ...options, ...secure(tls) }, take) : createServer(options, take);
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') return upgrade(request, socket, head);
    // Nothing else is spoken, and who asks for it may be answered as if it did not (RFC 9110 §7.8): clients try HTTP/2 this way.
    socket.unshift(Buffer.concat([withoutUpgrade(request), head]));
    server.emit(tls ? 'secureConnection' : 'connection', socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://${shownHost(address)}:${address.port}`,
    port: address.port,
    inFlight: () => open.size,
    async drain(limitMs, farewellOver, reason) {
      const end = Date.now() + limitMs;
      isLast = reason === 'replaced' ? createParting(limitMs, now) : () => true;
      for (const response of open) if (!response.headersSent) response.setHeader('connection', 'close');
      if (reason === 'replaced') {
        farewellOver();
        await stopListening(server, limitMs);
        const abandoned = open.size;
        server.closeAllConnections();
        return abandoned;
      }
      await setTimeout(Math.min(farewellMs, limitMs));
      // Also ends idle connections; those with a request on them stay.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      farewellOver();
      if (open.size > 0) await within(new Promise<void>((resolve) => (idle = resolve)), end - Date.now());
      const abandoned = open.size;
      server.closeAllConnections();
      await within(closed, Math.max(end - Date.now(), goodbyeMs));
      return abandoned;
    },
  };
}

/** The head of a request as it came, but for the upgrade it asks for. */
function withoutUpgrade({ method, url, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    const options = value.split(',').map((option) => option.trim().toLowerCase());
    const kept = options.filter((option) => option !== 'upgrade' && option !== 'http2-settings').join(', ');
    if (/^(upgrade|http2-settings)$/i.test(name)) continue;
    lines.push(`${name}: ${/^connection$/i.test(name) ? kept || 'keep-alive' : value}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** A certificate that nobody who is believed has signed is seen all the same: who identifies refuses it, with a status. */
function secure({ ca, cert, key }: TlsMaterial): ServerOptions {
  const asking = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: false };
  return { cert, key: key?.reveal(), ...asking };
}

function shownHost({ family, address }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost';
  return family === 'IPv6' ? `[${address}]` : address;
}
