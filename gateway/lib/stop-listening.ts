import { Server } from 'node:net';
import { within } from './within.ts';

/**
 * Takes no new connections, and waits for those that are there to end by themselves, at most so long. `close` of an HTTP server would end
 * idle ones at once, and with them the request that a client is just sending on one.
 */
export async function stopListening(server: Server, limitMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => Server.prototype.close.call(server, () => resolve()));
  await within(ended, limitMs);
}
