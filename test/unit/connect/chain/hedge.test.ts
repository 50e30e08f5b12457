import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hedge as hedgeSchema } from '../../../../gateway/config/rules.ts';
import { createHedgeRule } from '../../../../gateway/connect/chain/hedge.ts';
import { createLatencies } from '../../../../gateway/connect/chain/latencies.ts';
import { createRetryBudget } from '../../../../gateway/connect/chain/retry-budget.ts';
import type { CallNotes } from '../../../../gateway/context.ts';
import { callOf, failureOf } from '../kit.ts';
import { faultOf, holdTransport, resultOf } from './kit.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('latencies', () => {
  it('give a value of the last ones that so many did not exceed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 8, maxLength: 60 }),
        fc.integer({ min: 50, max: 99 }),
        (all, percent) => {
          const latencies = createLatencies(16);
          for (const ms of all) latencies.add(ms);
          const last = all.slice(-16);
          const value = latencies.percentile(percent, 8) ?? -1;
          expect(last).toContain(value);
          expect(last.filter((ms) => ms <= value).length * 100).toBeGreaterThanOrEqual(percent * last.length);
          expect(last.filter((ms) => ms < value).length * 100).toBeLessThan(percent * last.length);
        },
      ),
    );
  });

  it('say nothing while they are few', () => {
    const latencies = createLatencies(16);
    for (let n = 0; n < 7; n += 1) latencies.add(n);
    expect(latencies.percentile(95, 8)).toBeUndefined();
  });
});

describe('a hedge', () => {
  function hedged(burst = 10) {
    const { held, caller } = holdTransport();
    const rule = createHedgeRule({
      source: 'shop',
      policy: hedgeSchema.parse({ minimumCalls: 2, minimumMs: 10 }),
      budget: createRetryBudget({ budgetPercent: 1, budgetBurst: burst }),
      isRead: (call) => call.idempotent,
      now: Date.now,
    });
    const calling = rule(caller);
    const learn = async (ms: number): Promise<void> => {
      for (let n = 0; n < 2; n += 1) {
        const well = calling(callOf('get'));
        await vi.advanceTimersByTimeAsync(ms);
        held.at(-1)?.resolve(resultOf(0));
        await well;
      }
      held.length = 0;
    };
    return { held, calling, learn };
  }

  it('is sent when a read takes longer than usual; the first answer counts and the other call is cancelled', async () => {
    const { held, calling, learn } = hedged();
    await learn(40);
    const notes: CallNotes = {};
    const answer = calling(callOf('get', {}, { notes }));
    await vi.advanceTimersByTimeAsync(39);
    expect(held).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(held).toHaveLength(2);
    expect(held[1]?.call.tried).toBe(held[0]?.call.tried);
    held[1]?.resolve(resultOf('second'));
    expect((await answer).data).toBe('second');
    expect(held[0]?.call.signal.reason).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(notes).toEqual({ attempts: 2 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not sent before enough was seen, for what is no read, or beyond the budget', async () => {
    const { held, calling, learn } = hedged(1);
    const first = calling(callOf('get'));
    await vi.advanceTimersByTimeAsync(5000);
    expect(held).toHaveLength(1);
    held[0]?.resolve(resultOf(0));
    await first;
    await learn(10);
    const mutation = calling(callOf('get', {}, { idempotent: false }));
    const reads = [calling(callOf('get')), calling(callOf('get'))];
    await vi.advanceTimersByTimeAsync(6000);
    expect(held).toHaveLength(4);
    for (const { resolve } of held) resolve(resultOf(0));
    await Promise.all([mutation, ...reads]);
  });

  it('fails when both fail, as the first did; one that fails before is not waited for', async () => {
    const { held, calling, learn } = hedged();
    await learn(20);
    const both = failureOf(calling(callOf('get')));
    await vi.advanceTimersByTimeAsync(20);
    held[1]?.reject(faultOf('UPSTREAM_TIMEOUT'));
    await vi.advanceTimersByTimeAsync(20);
    held[0]?.reject(faultOf('UPSTREAM_FAILED', 500));
    expect((await both).code).toBe('UPSTREAM_FAILED');
    const early = failureOf(calling(callOf('get')));
    held[2]?.reject(faultOf('UPSTREAM_UNREACHABLE'));
    expect((await early).code).toBe('UPSTREAM_UNREACHABLE');
    await vi.advanceTimersByTimeAsync(100);
    expect(held).toHaveLength(3);
  });

  it('sends nothing for who has left already', async () => {
    const { held, calling, learn } = hedged();
    await learn(20);
    expect((await failureOf(calling(callOf('get', {}, { signal: AbortSignal.abort() })))).code).toBe('CLIENT_CLOSED');
    expect([held.length, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('ends with its call: both attempts are cancelled', async () => {
    const { held, calling, learn } = hedged();
    await learn(20);
    const controller = new AbortController();
    const left = failureOf(calling(callOf('get', {}, { signal: controller.signal })));
    await vi.advanceTimersByTimeAsync(20);
    controller.abort();
    expect((await left).code).toBe('CLIENT_CLOSED');
    expect(held.map(({ call }) => call.signal.aborted)).toEqual([true, true]);
  });
});
