/** Clients that wait for one call together, and leave: it ends when the last one has gone, and not before. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CacheStore } from '../../gateway/connect/cache/store.ts';
import { until } from '../kit/until.ts';
import { askOverHttp, type Client } from './client.ts';
import { type Fault, type FaultyWorld, type Outcome, rest, sendJson } from './fault.ts';

/** What two clients ask: the same operation, or two of which one call is the same. */
const SAME = ['getPerson(personId: $id) { id }', 'getPerson(personId: $id) { id }'] as const;
const OTHER = ['getPerson(personId: $id) { id }', 'getPerson(personId: $id) { __typename id }'] as const;
const KEPT = { people: { operations: { getPerson: { cache: { maxAgeMs: 60_000 } } } } };
/** Turns in which a call that should not be made would come. */
const TURNS = 50;

type Waiting = {
  readonly asked: readonly [string, string];
  /** How many leave while both wait. */
  readonly leaving: 1 | 2;
  /** What they wait for: so many that it has been asked, and how it goes on. */
  readonly reached: (world: FaultyWorld) => number;
  readonly goOn: () => void;
  /** Calls to the source in the end. */
  readonly calls: number;
};

export function waitingFaults(): Fault[] {
  return [
    waitForSource('operation', SAME, 1),
    waitForSource('operation', SAME, 2),
    waitForSource('call', OTHER, 1),
    waitForSource('call', OTHER, 2),
    waitForStore('operation', SAME, 1),
    waitForStore('operation', SAME, 2),
    waitForStore('call', OTHER, 1),
    waitForStore('call', OTHER, 2),
  ];
}

const who = (leaving: 1 | 2): string => (leaving === 1 ? 'one of two clients' : 'both clients');

function waitForSource(what: string, asked: Waiting['asked'], leaving: 1 | 2): Fault {
  let answers: (() => void)[] = [];
  const goOn = (): void => {
    for (const answer of answers) answer();
    answers = [];
  };
  return fault(
    `${who(leaving)} of one ${what} gone in the middle`,
    {
      asked,
      leaving,
      reached: ({ upstreams }) => upstreams.people.open(),
      goOn,
      calls: 1,
    },
    { people: rest((_, response) => void answers.push(() => sendJson(response, 200, { id: 'p1' }))) },
  );
}

/** The store that is asked before the source takes its time, and has nothing. */
function waitForStore(what: string, asked: Waiting['asked'], leaving: 1 | 2): Fault {
  let answers: (() => void)[] = [];
  const store: CacheStore = {
    get: (keys) => new Promise((resolve) => answers.push(() => resolve(keys.map(() => undefined)))),
    set: async () => undefined,
    delete: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const goOn = (): void => {
    for (const answer of answers) answer();
    answers = [];
  };
  const waiting = { asked, leaving, reached: () => answers.length, goOn, calls: leaving === 1 ? 1 : 0 };
  const name = `${who(leaving)} of one ${what} gone while the store of answers is slow`;
  return {
    ...fault(name, waiting, { people: rest((_, response) => sendJson(response, 200, { id: 'p1' })) }),
    store,
    policies: KEPT,
  };
}

function fault(name: string, waiting: Waiting, upstreams: NonNullable<Fault['upstreams']>): Fault {
  let round = 0;
  return {
    name,
    fields: waiting.asked[0].replace('$id', '"p1"'),
    expected: waiting.leaving === 1 ? 'answered' : 'CLIENT_CLOSED',
    calls: [waiting.calls, waiting.calls],
    upstreams,
    ask: (world) => {
      round += 1;
      return waitTogether(world, waiting, `p${round}`);
    },
  };
}

async function waitTogether(world: FaultyWorld, waiting: Waiting, id: string): Promise<Outcome> {
  const { app, upstreams } = world;
  const { people, posts } = upstreams;
  const url = await world.url();
  const before = { people: people.calls(), shared: await shared(world) };
  const complaints: string[] = [];
  app.clearLines();
  const ask = async (fields: string): Promise<Client> => {
    const answered = posts.calls();
    const query = `query ($id: String!) { ${fields} sibling: listPosts { title } }`;
    const client = await askOverHttp(url, { query, variables: { id } });
    // Its sibling was asked, or its operation is another's: by then it waits.
    await until(async () => (posts.calls() > answered && posts.open() === 0) || (await shared(world)) > before.shared);
    return client;
  };
  const [first, second] = [await ask(waiting.asked[0]), await ask(waiting.asked[1])];
  await until(() => waiting.reached(world) === 1);
  first.leave();
  await until(() => told(world) === 1);
  for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
  if (waiting.reached(world) !== 1) complaints.push('what the other waits for has ended');
  if (waiting.leaving === 2) {
    second.leave();
    await until(() => told(world) === 2 && people.open() === 0);
  }
  waiting.goOn();
  const answer = (await second.answer) as { data?: { getPerson?: { id?: string }; sibling?: unknown } } | undefined;
  for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
  const calls = people.calls() - before.people;
  if (calls !== waiting.calls) complaints.push(`${calls} calls to the source, not ${waiting.calls}`);
  await Promise.all([first.closed(), second.closed()]);
  if (waiting.leaving === 2) return { seen: answer ? 'answered' : 'CLIENT_CLOSED', siblings: true, complaints };
  const siblings = JSON.stringify(answer?.data?.sibling) === '[{"title":"sibling"}]';
  return { seen: answer?.data?.getPerson?.id === 'p1' ? 'answered' : JSON.stringify(answer), siblings, complaints };
}

/** How many are said, in the log, to have left. */
function told({ app }: FaultyWorld): number {
  return app.lines.filter((line) => JSON.stringify(line).includes('CLIENT_CLOSED')).length;
}

async function shared({ app }: FaultyWorld): Promise<number> {
  const { values } = await app.metrics.sharedOperations.get();
  return values[0]?.value ?? 0;
}
