/** Who may begin a WebSocket connection (RFC 6455 §4.2), decided before any byte of it is spoken. */
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { routeOf } from './route.ts';

/** The one subprotocol that is spoken. */
export const subprotocol = 'graphql-transport-ws';

export type UpgradeRefusal = { readonly status: 400 | 403 | 404 | 503; readonly detail: string };

export type UpgradeRules = {
  /** Origins that may connect beside the gateway's own. */
  readonly origins: readonly string[];
  /** How many more connections there may be; undefined when the gateway is leaving. */
  readonly room: number | undefined;
};

/**
 * Why an upgrade is refused; undefined when it may go on. A page of another site could open a connection with the user's cookies, as
 * WebSocket knows no preflight: its origin has to be ours, or a known one. Who sends no origin is no browser.
 */
export function refuseUpgrade(
  request: Pick<IncomingMessage, 'url' | 'headers'>,
  { origins, room }: UpgradeRules,
): UpgradeRefusal | undefined {
  const { origin, host, upgrade } = request.headers;
  if (routeOf(request.url ?? '') !== 'graphql') return { status: 404, detail: 'GraphQL is at /graphql.' };
  if (upgrade?.toLowerCase() !== 'websocket') return { status: 400, detail: 'Only WebSocket is spoken here.' };
  if (!offered(request.headers['sec-websocket-protocol']).includes(subprotocol)) {
    return { status: 400, detail: `Only the subprotocol ${subprotocol} is spoken: offer it.` };
  }
  if (origin !== undefined && !isOwn(origin, host) && !origins.includes(origin)) {
    return { status: 403, detail: 'Pages of this origin may not connect: add it to websocket.origins.' };
  }
  if (room === undefined) return { status: 503, detail: 'The gateway is shutting down: connect again.' };
  return room > 0 ? undefined : { status: 503, detail: 'There are too many connections: try again later.' };
}

/** The refusal as it is written to the socket: a problem document (RFC 9457), after which the connection ends. */
export function writeRefusal({ status, detail }: UpgradeRefusal): string {
  const title = STATUS_CODES[status];
  const body = JSON.stringify({ type: 'about:blank', title, status, detail });
  return [
    `HTTP/1.1 ${status} ${title}`,
    'connection: close',
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(status === 503 ? ['retry-after: 1'] : []),
    '',
    body,
  ].join('\r\n');
}

function offered(header: string | undefined): string[] {
  return (header ?? '').split(',').map((name) => name.trim());
}

/** Whether a page of the origin came from here; the scheme may differ where a proxy ends TLS. */
function isOwn(origin: string, host: string | undefined): boolean {
  const [, own] = /^https?:\/\/([^/]+)$/i.exec(origin) ?? [];
  return own !== undefined && own.toLowerCase() === host?.toLowerCase();
}
