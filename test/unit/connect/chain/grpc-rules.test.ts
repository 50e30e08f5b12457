/** The rules around calls of a gRPC source, whose connector knows nothing of them. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTraceRule } from '../../../../gateway/connect/chain/trace.ts';
import { openConnector } from '../../../../gateway/connect/open.ts';
import type { CallRecord } from '../../../../gateway/context.ts';
import { until } from '../../../kit/until.ts';
import { type GrpcHandler, type GrpcUpstream, Refusal, startGrpcUpstream } from '../grpc-kit.ts';
import { options, PROTO } from '../grpc-things.ts';
import { callOf, failureOf } from '../kit.ts';

const UNAVAILABLE = 14;
const INVALID_ARGUMENT = 3;

const upstreams: GrpcUpstream[] = [];
const seen: number[] = [0, 0];
let handlers: [GrpcHandler, GrpcHandler];
const records: CallRecord[] = [];
const trace = createTraceRule({ now: Date.now, record: (record) => records.push(record) });

beforeAll(async () => {
  for (const index of [0, 1] as const) {
    const handle: GrpcHandler = (message, call) => {
      seen[index] = (seen[index] ?? 0) + 1;
      return handlers[index](message, call);
    };
    upstreams.push(
      await startGrpcUpstream(PROTO, 'test.v1.Things', {
        GetThing: handle,
        Close: handle,
        constructor: handle,
        SendThings: handle,
        GetTime: handle,
      }),
    );
  }
});
afterAll(async () => {
  for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
});
beforeEach(() => {
  seen.fill(0);
  records.length = 0;
  handlers = [() => ({ thing_id: 'first' }), () => ({ thing_id: 'second' })];
});

async function open(policy: unknown, count = 1) {
  const endpoints = upstreams.slice(0, count).map(({ address }) => address);
  return openConnector('grpc', await options({ endpoints, policy }), [trace]);
}

it('equal reads share one call, and answers are kept for the ages of the policy, with every digit', async () => {
  await using connector = await open({ operations: { getThing: { cache: { maxAgeMs: 60_000 } } } });
  handlers[0] = () => ({ big_number: '9223372036854775807', ratio: 0.1 });
  const call = () => connector.call(callOf('getThing'));
  const [first, second] = await Promise.all([call(), call()]);
  const third = await call();
  expect(first.data).toMatchObject({ big_number: '9223372036854775807', ratio: 0.1 });
  expect([second.data, third.data]).toEqual([first.data, first.data]);
  expect(seen[0]).toBe(1);
  expect(records.map(({ cache, coalesced = false }) => [cache, coalesced])).toEqual([
    ['miss', false],
    ['miss', true],
    ['hit', false],
  ]);
});

it('what one address cannot do another one does, and it is left out', async () => {
  await using connector = await open(
    {
      retry: { attempts: 2, budgetBurst: 100, baseMs: 1 },
      endpoints: { outlier: { consecutiveFailures: 2 } },
      coalesce: false,
    },
    2,
  );
  handlers[0] = () => {
    throw new Refusal(UNAVAILABLE, 'not now');
  };
  for (let n = 0; n < 20; n += 1)
    expect((await connector.call(callOf('getThing'))).data).toMatchObject({ thing_id: 'second' });
  expect(seen[0]).toBe(2);
});

it('what one address never answers another one does, and the first is told to stop', async () => {
  await using connector = await open({ deadlineMs: 3000, retry: { attempts: 3 }, coalesce: false }, 2);
  const before = upstreams[0]?.cancelled() ?? 0;
  const leftMs: number[] = [];
  handlers[0] = (_message, call) => {
    leftMs.push(Number(call.getDeadline()) - Date.now());
    return new Promise(() => undefined);
  };
  // Of two calls at a time, each goes to another address.
  const answers = await Promise.all([connector.call(callOf('getThing')), connector.call(callOf('getThing'))]);
  for (const { data } of answers) expect(data).toMatchObject({ thing_id: 'second' });
  await until(() => upstreams[0]?.cancelled() === before + 1);
  expect(seen[0]).toBe(1);
  // `grpc-timeout` says what the attempt has, a third of the call's time; a little more, so that our own timer comes first.
  expect(leftMs[0]).toBeLessThanOrEqual(1010);
});

it('an operation that fails is given a rest, one that refuses is not', async () => {
  await using connector = await open({ breaker: { minimumCalls: 3 } });
  handlers[0] = () => {
    throw new Refusal(INVALID_ARGUMENT, 'no');
  };
  for (let n = 0; n < 5; n += 1)
    expect((await failureOf(connector.call(callOf('getThing')))).code).toBe('UPSTREAM_REJECTED');
  handlers[0] = () => {
    throw new Refusal(UNAVAILABLE, 'not now');
  };
  const codes: string[] = [];
  for (let n = 0; n < 8; n += 1) codes.push((await failureOf(connector.call(callOf('getThing')))).code);
  expect(new Set(codes.slice(0, 5))).toEqual(new Set(['UPSTREAM_UNREACHABLE']));
  expect(new Set(codes.slice(5))).toEqual(new Set(['CIRCUIT_OPEN']));
});
