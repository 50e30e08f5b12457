/**
 * Clients of a gateway, and the source they ask for, in a process of their own: what they measure is then the gateway, and not what the proof
 * does beside. It is told `{ url, clients, thinkMs }` to begin and `end` to end a round, and answers with what it saw.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What one round of asking came to. */
export type Round = {
  /** Times of all answers, in ms. */
  times: number[];
  /** Requests that were not answered as they should be. */
  lost: string[];
};

export type Begin = { url: string; clients: number; thinkMs: number };

const QUERY = '{ customers(ids: ["c1", "c2"]) { id name } }';
const EXPECTED = '{"data":{"customers":[{"id":"c1","name":"n"},{"id":"c2","name":"n"}]}}';

function ask({ url, clients, thinkMs }: Begin): { end(): Promise<Round> } {
  const round: Round = { times: [], lost: [] };
  let isRunning = true;
  const asking = Array.from({ length: clients }, async (_, client) => {
    // Not all at the same moment.
    await wait((client * thinkMs) / clients);
    while (isRunning) {
      const startedAt = performance.now();
      try {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: QUERY }) });
        const text = await response.text();
        if (text !== EXPECTED) round.lost.push(`${response.status} ${text.slice(0, 200)}`);
      } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined;
        round.lost.push(`${error}: ${cause}`);
      }
      round.times.push(performance.now() - startedAt);
      await wait(thinkMs);
    }
  });
  return {
    async end() {
      isRunning = false;
      await Promise.all(asking);
      return round;
    },
  };
}

const source = createServer((request, response) => {
  const ids = new URL(request.url ?? '', 'http://x').searchParams.get('ids')?.split(',') ?? [];
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(ids.map((id) => ({ id, name: 'n' }))));
});
source.listen(0, '127.0.0.1', () =>
  process.send?.({ endpoint: `http://127.0.0.1:${(source.address() as AddressInfo).port}` }),
);

let running: { end(): Promise<Round> } | undefined;
process.on('message', (message: Begin | 'end') => {
  if (message !== 'end') running = ask(message);
  else void running?.end().then((round) => process.send?.(round));
});
process.on('disconnect', () => process.exit(0));
