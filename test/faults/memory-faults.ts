/** What fails leaves nothing behind, however often it does. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { status } from '@grpc/grpc-js';
import { until } from '../kit/until.ts';
import { type Fault, type FaultyWorld, grpc, type Outcome, PRIVATE, rest, STOCK_MESSAGE, sendJson } from './fault.ts';

/** Operations of a round that fail at once, and fields of each. */
const OPERATIONS = 12;
const FIELDS = 12;
/** Fields of the one operation of a round that is never answered, and clients that leave in a round. */
const HANGING = 16;
const LEAVING = 16;
const FAILURES = OPERATIONS * FIELDS + HANGING + LEAVING;
/** Code is compiled, shapes are learned and pools are filled in the first rounds. */
const WARM_UP = 3;
const ROUNDS = 5;
/** What one failure may leave behind: less than the least that any is made of, its call, its error and their closures. */
const BYTES_PER_FAILURE = 2000;

export function memoryFaults(): Fault[] {
  const rounds = WARM_UP + ROUNDS;
  const turns = { people: 0, stock: 0 };
  return [
    {
      name: `memory, after ${FAILURES * ROUNDS} failures of nine kinds`,
      fields: '',
      expected: 'DEADLINE_EXCEEDED+UPSTREAM_BAD_PAYLOAD+UPSTREAM_FAILED+UPSTREAM_UNREACHABLE',
      // What hangs may be given up before it was sent.
      calls: [(FAILURES - HANGING) * rounds, FAILURES * rounds],
      upstreams: {
        people: rest((request, response) => {
          if (request.url?.includes('hangs') === true) return;
          turns.people += 1;
          const turn = turns.people % 4;
          if (turn === 0) request.socket.resetAndDestroy();
          else if (turn === 1) sendJson(response, 500, { detail: PRIVATE });
          else if (turn === 2) response.writeHead(200, { 'content-type': 'application/json' }).end('{');
          else response.writeHead(200, { 'content-length': '99' }).write('{', () => request.socket.destroy());
        }),
        stock: grpc((call, reply) => {
          if (call.request.includes('hangs')) return;
          turns.stock += 1;
          if (turns.stock % 2 === 0) reply({ code: status.UNAVAILABLE, details: PRIVATE });
          else reply(null, Buffer.concat([STOCK_MESSAGE, Buffer.from([0x18, 0xff])]));
        }),
      },
      ask: askOften,
    },
  ];
}

async function askOften({ app, upstreams }: FaultyWorld): Promise<Outcome> {
  const seen = new Set<string>();
  let siblings = true;
  const ask = async (
    fields: number,
    id: string,
    headers: Record<string, string>,
    sibling: string,
  ): Promise<unknown> => {
    const asked = Array.from({ length: fields }, (_, n) => `a${n}: ${fieldOf(n, `${id}-${n}`)}`);
    const { body } = await app.query(`{ ${asked.join(' ')} ${sibling} }`, { headers });
    for (const { extensions } of body.errors ?? []) seen.add(String(extensions['code']));
    return (body.data as { sibling?: unknown }).sibling;
  };
  const round = async (): Promise<number> => {
    for (let operation = 0; operation < OPERATIONS; operation += 1) {
      const rows = await ask(FIELDS, `p${operation}`, {}, 'sibling: listPosts { title }');
      siblings &&= JSON.stringify(rows) === '[{"title":"sibling"}]';
    }
    await ask(HANGING, 'hangs', { 'x-request-timeout-ms': '50' }, '');
    await leave(app, upstreams.people);
    app.clearLines();
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  for (let count = 1; count < WARM_UP; count += 1) await round();
  const before = await round();
  let after = before;
  for (let count = 0; count < ROUNDS; count += 1) after = await round();
  const each = Math.round((after - before) / (FAILURES * ROUNDS));
  const complaints = each > BYTES_PER_FAILURE ? [`each failure left ${each} bytes`] : [];
  return { seen: [...seen].sort().join('+'), siblings, complaints };
}

/** Of four, three are asked by REST and one by gRPC. */
function fieldOf(n: number, id: string): string {
  return n % 4 === 3 ? `getStock(input: { key: { sku: "${id}" } }) { sku }` : `getPerson(personId: "${id}") { id }`;
}

/** Clients that go while their calls are under way. */
async function leave(app: FaultyWorld['app'], people: FaultyWorld['upstreams']['people']): Promise<void> {
  const wanted = people.calls() + LEAVING;
  const clients = Array.from({ length: LEAVING }, (_, n) => {
    const client = new AbortController();
    const body = JSON.stringify({ query: `{ ${fieldOf(0, `hangs-gone-${n}`)} }` });
    const headers = { 'content-type': 'application/json' };
    const request = new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers,
      body,
      signal: client.signal,
    });
    return { client, answer: app.fetch(request).catch(() => undefined) };
  });
  await until(() => people.calls() >= wanted);
  for (const { client } of clients) client.abort();
  await Promise.all(clients.map(({ answer }) => answer));
  await until(() => people.open() === 0);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
