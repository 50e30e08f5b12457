/** The time of each attempt. */
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { timeOfAttempt } from '../../../../gateway/connect/chain/retry.ts';
import type { Call, Caller } from '../../../../gateway/connect/connector.ts';
import { callOf, failureOf } from '../kit.ts';
import { faultOf, resultOf } from './kit.ts';
import { failing, START, world } from './retry-kit.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('an attempt that hangs', () => {
  /** Answers the attempts of these numbers, counted from 1; the others wait until they are cancelled. */
  function hanging(...answered: number[]) {
    const seen: { call: Call; leftMs: number }[] = [];
    const run: Caller = (call) => {
      seen.push({ call, leftMs: call.deadline - Date.now() });
      if (answered.includes(seen.length)) return Promise.resolve(resultOf('well'));
      return new Promise((_, reject) => {
        call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true });
      });
    };
    return { seen, run };
  }
  const call = (rest: Partial<Call> = {}): Call =>
    callOf('get', {}, { deadline: START + 400, isSourceTime: true, ...rest, headers: {} });

  it('is cancelled when its share of the time is up, and another one is sent', async () => {
    const { caller, next, sent } = world({ attempts: 3 });
    const { seen, run } = hanging(2);
    next.run = run;
    const calling = caller(call());
    await vi.advanceTimersByTimeAsync(400);
    expect((await calling).data).toBe('well');
    expect(sent).toEqual([0, 134]);
    // What is told to the source is the attempt's time, not the call's.
    expect(seen.map(({ leftMs }) => leftMs)).toEqual([134, 133]);
    expect(seen[0]?.call.signal.reason).toMatchObject({ code: 'UPSTREAM_TIMEOUT', source: 'shop' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gets the time of the policy, the last one too', async () => {
    const { caller, next, sent } = world({ attempts: 2, attemptMs: 50 });
    next.run = hanging().run;
    const { signal } = new AbortController();
    const failing = failureOf(caller(call({ signal, isSourceTime: false })));
    await vi.advanceTimersByTimeAsync(100);
    expect((await failing).code).toBe('UPSTREAM_TIMEOUT');
    expect(sent).toEqual([0, 50]);
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('is not to blame for a share of the request’s own time, and is followed all the same', async () => {
    const { caller, next } = world({ attempts: 2 });
    const { seen, run } = hanging(2);
    next.run = run;
    const calling = caller(call({ isSourceTime: false }));
    await vi.advanceTimersByTimeAsync(200);
    expect((await calling).data).toBe('well');
    expect(seen[0]?.call.signal.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it.each([
    ['that may not be repeated', { attempts: 3, attemptMs: 50 }, { idempotent: false }],
    ['when nothing may follow it', { attempts: 1 }, {}],
  ])('has all the time there is %s', async (_, policy, rest) => {
    const { caller, next, sent } = world(policy);
    const { seen, run } = hanging();
    next.run = run;
    const controller = new AbortController();
    const failing = failureOf(caller(call({ ...rest, signal: controller.signal })));
    await vi.advanceTimersByTimeAsync(399);
    expect(seen.map(({ leftMs }) => leftMs)).toEqual([400]);
    controller.abort(faultOf('UPSTREAM_TIMEOUT'));
    expect((await failing).code).toBe('UPSTREAM_TIMEOUT');
    expect(sent).toEqual([0]);
  });

  it('has all the time there is when the budget allows no other', async () => {
    const { caller, next, sent } = world({ attempts: 2, budgetBurst: 1, budgetPercent: 1 });
    next.run = failing(faultOf('UPSTREAM_UNREACHABLE'));
    await caller(call());
    const { seen, run } = hanging();
    next.run = run;
    const controller = new AbortController();
    const left = failureOf(caller(call({ signal: controller.signal })));
    await vi.advanceTimersByTimeAsync(300);
    expect(seen.map(({ leftMs, call: { signal } }) => [leftMs, signal.aborted])).toEqual([[400, false]]);
    controller.abort(faultOf('CLIENT_CLOSED'));
    expect((await left).code).toBe('CLIENT_CLOSED');
    expect(sent).toEqual([0, 0, 0]);
  });

  it('shares what is left with those that may follow', () => {
    const inputs = fc.record({
      leftMs: fc.integer({ min: 1, max: 600_000 }),
      follow: fc.nat(9),
      own: fc.option(fc.integer({ min: 1, max: 600_000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(inputs, ({ leftMs, follow, own }) => {
        const ms = timeOfAttempt(leftMs, follow, own);
        if (own !== undefined) expect(ms).toBe(own < leftMs ? own : undefined);
        else if (follow === 0) expect(ms).toBeUndefined();
        // Nobody gets less than an equal share, and something is left for the others wherever there is anything to share.
        else {
          expect((ms ?? leftMs) * (follow + 1)).toBeGreaterThanOrEqual(leftMs);
          expect(ms ?? 1).toBeLessThanOrEqual(Math.ceil(leftMs / (follow + 1)));
        }
      }),
    );
    expect(timeOfAttempt(Number.POSITIVE_INFINITY, 2, undefined)).toBeUndefined();
  });
});
