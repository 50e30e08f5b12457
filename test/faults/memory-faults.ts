/** What fails leaves nothing behind, however often it does. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Fault, type FaultyWorld, type Outcome, PRIVATE, rest, sendJson } from './fault.ts';

const CALLS = 150;
const ROUNDS = 3;
/** What the test keeps itself: the log of its operations. */
const MOST_BYTES = 6_000_000;

export function memoryFaults(): Fault[] {
  let turn = 0;
  return [
    {
      name: `memory, after ${ROUNDS} times ${CALLS} failures of four kinds`,
      fields: '',
      expected: 'UPSTREAM_BAD_PAYLOAD+UPSTREAM_FAILED+UPSTREAM_UNREACHABLE',
      calls: [CALLS * (ROUNDS + 1), CALLS * (ROUNDS + 1)],
      upstreams: {
        people: rest((request, response) => {
          turn += 1;
          if (turn % 4 === 0) request.socket.resetAndDestroy();
          else if (turn % 4 === 1) sendJson(response, 500, { detail: PRIVATE });
          else if (turn % 4 === 2) response.writeHead(200, { 'content-type': 'application/json' }).end('{');
          else response.writeHead(200, { 'content-length': '99' }).write('{', () => request.socket.destroy());
        }),
      },
      ask: askOften,
    },
  ];
}

async function askOften({ app }: FaultyWorld): Promise<Outcome> {
  const seen = new Set<string>();
  let siblings = true;
  const round = async (): Promise<number> => {
    for (let call = 0; call < CALLS; call += 10) {
      const fields = Array.from({ length: 10 }, (_, n) => `a${n}: getPerson(personId: "p${call + n}") { id }`);
      const { body } = await app.query(`{ ${fields.join(' ')} sibling: listPosts { title } }`);
      for (const { extensions } of body.errors ?? []) seen.add(String(extensions['code']));
      siblings &&= JSON.stringify((body.data as { sibling?: unknown }).sibling) === '[{"title":"sibling"}]';
    }
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await round();
  let after = before;
  for (let count = 0; count < ROUNDS; count += 1) after = await round();
  const complaints = after - before > MOST_BYTES ? [`the heap grew by ${after - before} bytes`] : [];
  return { seen: [...seen].sort().join('+'), siblings, complaints };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
