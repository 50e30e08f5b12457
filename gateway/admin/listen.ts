/** The admin app on a port of its own. */
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { stopListening } from '../lib/stop-listening.ts';

export type Listener = {
  /** For example `http://127.0.0.1:4001`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, finishes what is in flight within so many ms, closes every connection. */
  leave(limitMs: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Listens; disposing closes the port and every connection, since nothing an admin client waits for is worth holding up an exit.
 * @throws what the system says when the address is taken or not ours (EADDRINUSE, EACCES)
 */
export async function listenAdmin(
  app: Pick<Hono, 'fetch'>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listener> {
  const server = createAdaptorServer({ fetch: app.fetch });
  const open = new Set<ServerResponse>();
  let isLeaving = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    if (isLeaving) response.setHeader('connection', 'close');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shown}:${address.port}`,
    port: address.port,
    async leave(limitMs) {
      isLeaving = true;
      for (const response of open) if (!response.headersSent) response.setHeader('connection', 'close');
      await stopListening(server, limitMs);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
