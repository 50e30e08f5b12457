/** When streams of each protocol count as open, over real connections, and what their records are told. */
import { Metadata, status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { createBreakers } from '../../../gateway/connect/chain/breakers.ts';
import type { Call, Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import type { CallNotes } from '../../../gateway/context.ts';
import {
  begin,
  COMPLETE,
  connectorOf,
  eventOf,
  next,
  open,
  polite,
  readRest,
  readToFault,
  say,
  startSocket,
  startSse,
  text,
} from './graphql/subscription-kit.ts';
import { type GrpcHandler, Refusal, startGrpcUpstream } from './grpc-kit.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf } from './kit.ts';

const RETRY = { retry: { attempts: 3, baseMs: 1 } };
const tick = (n: number) => ({ data: { ticks: { n } } });

it('events are open with their head: what fails before is asked for again, and nothing after', async () => {
  const answers = [
    (response: Parameters<Parameters<typeof startSse>[0]>[0]) => void response.writeHead(503).end(),
    (response: Parameters<Parameters<typeof startSse>[0]>[0]) => void response.destroy(),
    text(eventOf(tick(1)), eventOf('', 'complete')),
    (response: Parameters<Parameters<typeof startSse>[0]>[0]) => {
      begin(response);
      setImmediate(() => response.destroy());
    },
  ];
  await using upstream = await startSse((response, asked) => answers[upstream.asked.indexOf(asked)]?.(response));
  await using connector = connectorOf({ endpoints: [upstream.url] }, RETRY);
  const notes: CallNotes = {};
  expect(await readRest(open(connector, { notes }))).toEqual([{ n: 1 }]);
  expect([upstream.asked.length, notes.attempts]).toEqual([3, 3]);
  const { error } = await readToFault(open(connector));
  expect([error.code, upstream.asked.length]).toEqual(['UPSTREAM_UNREACHABLE', 4]);
});

it('a socket is open with its acknowledgement', async () => {
  let connections = 0;
  const acknowledged = polite((socket) => {
    if (connections === 2) say(socket, next(tick(1)), COMPLETE);
    else socket.terminate();
  });
  await using upstream = await startSocket((said, socket) => {
    if (said.type === 'connection_init') connections += 1;
    if (connections === 1) socket.terminate();
    else acknowledged(said, socket);
  });
  await using connector = connectorOf(
    { endpoints: [upstream.url] },
    { ...RETRY, subscriptions: { protocol: 'graphql-ws' } },
  );
  expect(await readRest(open(connector))).toEqual([{ n: 1 }]);
  const { error } = await readToFault(open(connector));
  expect([error.code, connections]).toEqual(['UPSTREAM_UNREACHABLE', 3]);
});

it('a stream of gRPC is open with its metadata', async () => {
  let calls = 0;
  const watch: GrpcHandler = async function* (_message, call) {
    calls += 1;
    if (calls === 1) throw new Refusal(status.UNAVAILABLE, 'not yet');
    if (calls === 3) call.sendMetadata(new Metadata());
    if (calls === 3) await new Promise((resolve) => setImmediate(resolve));
    if (calls === 3) throw new Refusal(status.UNAVAILABLE, 'no more');
    yield { thing_id: 'a' };
  };
  await using upstream = await startGrpcUpstream(PROTO, 'test.v1.Things', { WatchThings: watch });
  const breakers = createBreakers();
  const policy = { ...RETRY, breaker: {}, operations: { watchThings: { idempotent: true } } };
  await using connector: Connector = openConnector(
    'grpc',
    await options({ endpoints: [upstream.address], policy }),
    [],
    {
      breakers,
    },
  );
  const call: Call = { ...callOf('watchThings'), deadline: Number.POSITIVE_INFINITY };
  const watching = () => connector.stream?.(call)[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  expect(await readRest(watching())).toHaveLength(1);
  expect(calls).toBe(2);
  const { error } = await readToFault(watching());
  expect([error.code, calls]).toEqual(['UPSTREAM_UNREACHABLE', 3]);
  expect(breakers.get(call.source, 'watchThings')).toMatchObject({ calls: 2, failures: 0 });
});

it('errors of events that have no place are counted, and the first is told, whatever the protocol', async () => {
  const lost = (message: string) => ({ ...tick(1), errors: [{ message, path: ['ticks', 'n'] }] });
  const parts = [lost('first'), tick(2), lost('second')];
  await using sse = await startSse(text(...parts.map((part) => eventOf(part)), eventOf('', 'complete')));
  await using socket = await startSocket(polite((ws) => say(ws, ...parts.map(next), COMPLETE)));
  for (const [protocol, { url }] of [
    ['sse', sse],
    ['graphql-ws', socket],
  ] as const) {
    await using connector = connectorOf({ endpoints: [url] }, { subscriptions: { protocol } });
    const notes: CallNotes = {};
    expect(await readRest(open(connector, { notes }))).toEqual([{ n: 1 }, { n: 2 }, { n: 1 }]);
    expect(notes).toMatchObject({ unplacedErrors: 2, warning: { cause: { message: 'first' } } });
  }
});
