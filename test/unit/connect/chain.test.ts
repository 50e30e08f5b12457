import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { composeRules } from '../../../gateway/connect/chain/compose.ts';
import { createDeadlineRule } from '../../../gateway/connect/chain/deadline.ts';
import { createTraceRule } from '../../../gateway/connect/chain/trace.ts';
import type { Call, Caller, CallResult, CallRule } from '../../../gateway/connect/connector.ts';
import type { CallRecord } from '../../../gateway/context.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import { callOf, failureOf } from './kit.ts';

const result: CallResult = { data: 1, status: 200, bytes: 12 };

/** A transport that answers when the test says so, and remembers what it was called with. */
function heldTransport() {
  const calls: Call[] = [];
  const held: { resolve(value: CallResult): void; reject(error: unknown): void }[] = [];
  const caller: Caller = (call) => {
    calls.push(call);
    return new Promise((resolve, reject) => held.push({ resolve, reject }));
  };
  return { calls, held, caller };
}

describe('the deadline rule', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const rule = (deadlineMs?: number): CallRule => createDeadlineRule({ source: 'shop', deadlineMs, now: Date.now });

  it('gives a call the time of its source, and the source is to blame when it is up', async () => {
    const { calls, caller } = heldTransport();
    const failing = failureOf(rule(100)(caller)(callOf('get', {}, { deadline: Date.now() + 5000 })));
    expect(calls[0]?.deadline).toBe(1_000_100);
    await vi.advanceTimersByTimeAsync(99);
    expect(calls[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const error = await failing;
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', source: 'shop' });
    expect(calls[0]?.signal).toMatchObject({ aborted: true, reason: error });
  });

  it('gives it what is left of the budget when that is less, and then nobody is to blame', async () => {
    const { calls, caller } = heldTransport();
    const failing = failureOf(rule(100)(caller)(callOf('get', {}, { deadline: Date.now() + 40 })));
    expect(calls[0]?.deadline).toBe(1_000_040);
    await vi.advanceTimersByTimeAsync(40);
    expect((await failing).code).toBe('DEADLINE_EXCEEDED');
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  it.each([0, -1, Number.NaN])('does not start a call with %s ms left', async (left) => {
    const { calls, caller } = heldTransport();
    const call = callOf('get', {}, { deadline: Date.now() + left });
    expect((await failureOf(rule()(caller)(call))).code).toBe('DEADLINE_EXCEEDED');
    expect(calls).toHaveLength(0);
  });

  it('does not start a call nobody waits for', async () => {
    const { calls, caller } = heldTransport();
    const gone = callOf('get', {}, { signal: AbortSignal.abort() });
    expect((await failureOf(rule()(caller)(gone))).code).toBe('CLIENT_CLOSED');
    expect(calls).toHaveLength(0);
  });

  it.each([
    [undefined, 'CLIENT_CLOSED'],
    [new DOMException('time is up', 'TimeoutError'), 'DEADLINE_EXCEEDED'],
    [new GatewayError('DRAINING'), 'DRAINING'],
    ['text', 'CLIENT_CLOSED'],
  ])('ends a call whose request was aborted with %s: %s', async (reason, code) => {
    const { calls, caller } = heldTransport();
    const controller = new AbortController();
    const failing = failureOf(rule(100)(caller)(callOf('get', {}, { signal: controller.signal })));
    controller.abort(reason);
    expect((await failing).code).toBe(code);
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  it('leaves no timer and no listener behind, however a call ends', async () => {
    const { held, caller } = heldTransport();
    const { signal } = new AbortController();
    const good = rule(100)(caller)(callOf('get', {}, { signal }));
    const bad = failureOf(rule(100)(caller)(callOf('get', {}, { signal })));
    const late = failureOf(rule(50)(caller)(callOf('get', {}, { signal })));
    expect(vi.getTimerCount()).toBe(3);
    held[0]?.resolve(result);
    held[1]?.reject(new GatewayError('UPSTREAM_FAILED'));
    expect(await good).toBe(result);
    expect((await bad).code).toBe('UPSTREAM_FAILED');
    await vi.advanceTimersByTimeAsync(50);
    expect((await late).code).toBe('UPSTREAM_TIMEOUT');
    // The transport may take its time to notice; what it says then is of no interest.
    held[2]?.reject(new Error('aborted'));
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('takes a deadline far away', async () => {
    const { held, caller } = heldTransport();
    const calling = rule()(caller)(callOf('get', {}, { deadline: Number.MAX_SAFE_INTEGER }));
    await vi.advanceTimersByTimeAsync(1000);
    held[0]?.resolve(result);
    expect(await calling).toBe(result);
  });
});

describe('the trace rule', () => {
  it('tells what each call did, and hands on its outcome', async () => {
    let time = 0;
    const records: [CallRecord, Call, unknown][] = [];
    const trace = createTraceRule({
      record: (...entry) => void records.push(entry),
      now: () => time,
      keysOf: (call) => (call.args['ids'] as unknown[]).length,
    });
    const failure = new GatewayError('UPSTREAM_FAILED');
    const outcomes = [() => result, fails(failure), fails(new Error('a mistake of ours'))];
    const caller = trace(async () => {
      time += 5;
      return outcomes.shift()?.() ?? result;
    });
    const warning = new Error('for the log');
    const call = callOf('get', { ids: [1, 2] }, { notes: { attempts: 2, warning } });
    expect(await caller(call)).toBe(result);
    await expect(caller(call)).rejects.toBe(failure);
    await expect(caller(call)).rejects.toThrow('a mistake of ours');
    // What the source said of itself is in no record.
    const common = { source: 'shop', operation: 'get', keys: 2, ms: 5, attempts: 2 };
    expect(records).toEqual([
      [{ ...common, bytes: 12, outcome: 'ok' }, call, undefined],
      [{ ...common, bytes: 0, outcome: 'UPSTREAM_FAILED' }, call, failure],
      [{ ...common, bytes: 0, outcome: 'INTERNAL' }, call, new Error('a mistake of ours')],
    ]);
  });
});

it('rules stand around the transport in the order of the list', async () => {
  const order: string[] = [];
  const named =
    (name: string): CallRule =>
    (next) =>
    async (call) => {
      order.push(`${name} in`);
      const answer = await next(call);
      order.push(`${name} out`);
      return answer;
    };
  const caller = composeRules([named('first'), named('second')], async () => {
    order.push('transport');
    return result;
  });
  expect(await caller(callOf('get'))).toBe(result);
  expect(order).toEqual(['first in', 'second in', 'transport', 'second out', 'first out']);
});

function fails(error: Error): () => never {
  return () => {
    throw error;
  };
}
