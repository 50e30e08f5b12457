/** A client that leaves while its calls are under way: they are cancelled upstream. */
import { until } from '../kit/until.ts';
import { askOverHttp, askOverSocket, type Client } from './client.ts';
import { type Fault, type FaultyWorld, grpc, type Outcome, rest } from './fault.ts';
import { LIVE } from './graphql-faults.ts';
import { complainOf } from './judge.ts';

type Way = {
  readonly name: string;
  readonly ask: (url: string, query: string) => Promise<Client>;
  /** The entry that counts it; the socket has none. */
  readonly entry?: 'short' | 'long';
};

const WAYS: readonly Way[] = [
  { name: 'over HTTP', ask: (url, query) => askOverHttp(url, { query }), entry: 'short' },
  {
    name: 'over HTTP, who would take parts',
    ask: (url, query) => askOverHttp(url, { query }, { accept: 'multipart/mixed, application/json' }),
    entry: 'long',
  },
  { name: 'over a WebSocket that breaks', ask: (url, query) => askOverSocket(url, query, 'break') },
  { name: 'over a WebSocket that stays', ask: (url, query) => askOverSocket(url, query, 'complete') },
];

export function clientFaults(): Fault[] {
  const gone = { expected: 'CLIENT_CLOSED' } as const;
  return WAYS.flatMap((way): Fault[] => [
    {
      ...gone,
      name: `client gone in the middle, ${way.name}, REST and gRPC`,
      fields: 'getPerson(personId: "p1") { id } getStock(input: {}) { sku }',
      calls: [2, 2],
      upstreams: { people: rest(() => undefined), stock: grpc(() => undefined) },
      ask: (world) => leave(world, way, 'getPerson(personId: "p1") { id } getStock(input: {}) { sku }', 2),
    },
    {
      ...gone,
      name: `client gone in the middle, ${way.name}, GraphQL`,
      world: LIVE,
      fields: 'bestRating(stars: 5) { stars }',
      calls: [1, 1],
      upstreams: { ratings: rest(() => undefined) },
      ask: (world) => leave(world, way, 'bestRating(stars: 5) { stars }', 1),
    },
  ]);
}

/** Goes when all calls have arrived and the sibling has been answered to the gateway; the calls have to end. */
async function leave(world: FaultyWorld, way: Way, fields: string, calls: number): Promise<Outcome> {
  const { app, upstreams } = world;
  const failing = [upstreams.people, upstreams.stock, upstreams.ratings];
  const open = (): number => failing.reduce((sum, upstream) => sum + upstream.open(), 0);
  const siblings = upstreams.posts.calls();
  const entered = way.entry && (await entries(world, way.entry));
  app.clearLines();
  const client = await way.ask(await world.url(), `{ ${fields} sibling: listPosts { title } }`);
  await until(() => open() === calls && upstreams.posts.calls() > siblings && upstreams.posts.open() === 0);
  client.leave();
  await until(() => open() === 0 && told(world));
  const took = way.entry && (await entries(world, way.entry)) - (entered ?? 0);
  await client.closed();
  return {
    seen: 'CLIENT_CLOSED',
    // Nobody is there to be answered: the sibling was asked, which is all that can be seen of it.
    siblings: upstreams.posts.calls() === siblings + 1,
    complaints: [
      ...complainOf(client.heard()),
      ...(took === undefined || took === 1 ? [] : [`${took} requests took the ${way.entry} entry`]),
    ],
  };
}

function told({ app }: FaultyWorld): boolean {
  return app.lines.some((line) => JSON.stringify(line).includes('CLIENT_CLOSED'));
}

async function entries({ app }: FaultyWorld, entry: 'short' | 'long'): Promise<number> {
  const { values } = await app.metrics.entries.get();
  return values.find(({ labels }) => labels['entry'] === entry)?.value ?? 0;
}
