/** Faults of a GraphQL upstream within a subscription over server-sent events. */
import type { ServerResponse } from 'node:http';
import { type Part, readEvents } from '../kit/parts.ts';
import { until } from '../kit/until.ts';
import { type Fault, type FaultyWorld, type Outcome, PRIVATE, rest, sendJson } from './fault.ts';
import { LIVE } from './graphql-faults.ts';
import { complainOf, judgeAnswer } from './judge.ts';

const EVENTS = 2;
type Event = {
  data?: { rated?: { stars?: number } | null } | null;
  errors?: { extensions: Record<string, unknown> }[];
};

export function subscriptionFaults(): Fault[] {
  const one = { world: LIVE, fields: 'rated(postId: 1) { stars comment }', calls: [1, 1] } as const;
  const after = (events: number, end: (response: ServerResponse) => void): Pick<Fault, 'upstreams' | 'ask'> => ({
    upstreams: { ratings: rest((_, response) => send(response, events, () => end(response))) },
    ask: (world) => subscribe(world, events),
  });
  return [
    {
      ...one,
      name: `subscription dropped after ${EVENTS} events`,
      expected: 'UPSTREAM_UNREACHABLE',
      ...after(EVENTS, (response) => response.socket?.resetAndDestroy()),
    },
    {
      ...one,
      name: 'subscription dropped within an event',
      expected: 'UPSTREAM_UNREACHABLE',
      ...after(1, (response) => response.write('event: next\ndata: {"data":', () => response.destroy())),
    },
    {
      ...one,
      name: 'subscription that ends without the event complete',
      expected: 'UPSTREAM_UNREACHABLE',
      ...after(EVENTS, (response) => response.end()),
    },
    {
      ...one,
      name: 'subscription with an event that is no JSON',
      expected: 'UPSTREAM_BAD_PAYLOAD',
      ...after(1, (response) => response.write(`event: next\ndata: ${PRIVATE}\n\n`)),
    },
    {
      ...one,
      name: 'subscription answered 500',
      expected: 'UPSTREAM_FAILED',
      upstreams: { ratings: rest((_, response) => sendJson(response, 500, { detail: PRIVATE })) },
      ask: (world) => subscribe(world, 0),
    },
    {
      ...one,
      name: 'subscription that is never accepted',
      expected: 'UPSTREAM_TIMEOUT',
      policies: { ratings: { deadlineMs: 300 } },
      upstreams: { ratings: rest(() => undefined) },
      ask: (world) => subscribe(world, 0),
    },
    {
      ...one,
      name: 'client of a subscription gone in the middle',
      expected: 'answered',
      upstreams: { ratings: rest((_, response) => send(response, EVENTS, () => undefined)) },
      ask: leave,
    },
  ];
}

function send(response: ServerResponse, events: number, then: () => void): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const all = Array.from({ length: events }, (_, n) => {
    const data = { rated: { stars: n, comment: null } };
    return `event: next\ndata: ${JSON.stringify({ data })}\n\n`;
  });
  response.write(all.join(''), then);
}

async function open({ app }: FaultyWorld): Promise<ReturnType<typeof readEvents>> {
  const response = await app.fetch(
    new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { rated(postId: 1) { stars comment } }' }),
    }),
  );
  return readEvents(response);
}

/** Reads to the end: so many events, then the error and nothing else. The sibling is asked afterwards. */
async function subscribe(world: FaultyWorld, events: number): Promise<Outcome> {
  const parts = await (await open(world)).rest();
  const { seen, values } = read(parts);
  const { siblings } = judgeAnswer(await world.app.query('{ sibling: listPosts { title } }'));
  const wanted = Array.from({ length: events }, (_, n) => n);
  return {
    seen,
    siblings,
    complaints: [
      ...complainOf(parts),
      ...(values.join() === wanted.join() ? [] : [`the events are ${values.join()}, not ${wanted.join()}`]),
    ],
  };
}

/** Goes after the first event; the upstream's side has to end. */
async function leave(world: FaultyWorld): Promise<Outcome> {
  const events = await open(world);
  const { seen } = read(await events.take(1));
  await events.leave();
  await until(() => world.upstreams.ratings.open() === 0);
  const { siblings } = judgeAnswer(await world.app.query('{ sibling: listPosts { title } }'));
  return { seen, siblings, complaints: [] };
}

function read(parts: readonly Part[]): { seen: string; values: number[] } {
  const events = parts as readonly Event[];
  const codes = events.flatMap(({ errors = [] }) => errors.map(({ extensions }) => String(extensions['code'])));
  const values = events.flatMap(({ data }) => data?.rated?.stars ?? []);
  return { seen: codes.length === 0 ? 'answered' : codes.join('+'), values };
}
