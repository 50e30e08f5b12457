import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { retryAfterMs, waitBefore } from '../../../../gateway/connect/chain/retry.ts';
import type { CallNotes } from '../../../../gateway/context.ts';
import { type ErrorCode, errorTable, GatewayError } from '../../../../gateway/errors.ts';
import { callOf, failureOf } from '../kit.ts';
import { faultOf } from './kit.ts';
import { failing, START, world } from './retry-kit.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a call that fails', () => {
  const again: Partial<Record<ErrorCode, boolean>> = {
    UPSTREAM_UNREACHABLE: true,
    UPSTREAM_TIMEOUT: true,
    UPSTREAM_RATE_LIMITED: true,
  };

  it.each(Object.keys(errorTable) as ErrorCode[])('with %s is sent again, or not', async (code) => {
    const { caller, next, sent } = world();
    next.run = failing(faultOf(code));
    await caller(callOf('get')).catch(() => undefined);
    expect(sent).toHaveLength(again[code] ? 2 : 1);
  });

  it.each([
    [500, 2],
    [502, 2],
    [503, 2],
    [501, 1],
    [505, 1],
    ['ABORTED', 2],
    ['UNIMPLEMENTED', 1],
    // A GraphQL source that answered with an error.
    [undefined, 1],
  ])('with the status %s is sent %i times', async (status, times) => {
    const { caller, next, sent } = world();
    next.run = failing(faultOf('UPSTREAM_FAILED', status));
    await caller(callOf('get')).catch(() => undefined);
    expect(sent).toHaveLength(times);
  });

  it('waits longer each time, a part of it by chance, and tells how often it was sent', async () => {
    const { caller, next, sent } = world({ attempts: 4, baseMs: 100, maxMs: 300 }, () => 0.5);
    const fault = faultOf('UPSTREAM_FAILED', 500);
    next.run = failing(fault, fault, fault, fault);
    const notes: CallNotes = {};
    const failure = failureOf(caller(callOf('get', {}, { notes })));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await failure).toBe(fault);
    expect(sent).toEqual([0, 50, 150, 300]);
    expect(notes).toEqual({ attempts: 4 });
  });

  it.each([
    ['of one attempt', 1],
    ['of several', 3],
  ])('%s is not sent at all for who has left already', async (_, attempts) => {
    const { caller, sent } = world({ attempts });
    expect((await failureOf(caller(callOf('get', {}, { signal: AbortSignal.abort() })))).code).toBe('CLIENT_CLOSED');
    expect([sent, vi.getTimerCount()]).toEqual([[], 0]);
  });

  it('is not sent again when the deadline would have passed, or when nobody waits any more', async () => {
    const { caller, next, sent } = world({ baseMs: 100 }, () => 0.5);
    next.run = failing(faultOf('UPSTREAM_UNREACHABLE'), faultOf('UPSTREAM_UNREACHABLE'));
    expect((await failureOf(caller(callOf('get', {}, { deadline: START + 50 })))).code).toBe('UPSTREAM_UNREACHABLE');
    const controller = new AbortController();
    const left = failureOf(caller(callOf('get', {}, { signal: controller.signal })));
    await vi.advanceTimersByTimeAsync(10);
    controller.abort();
    expect((await left).code).toBe('CLIENT_CLOSED');
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['2', 2000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    [new Date(START + 3000).toUTCString(), 3000],
    ['0', 0],
    ['-1', 0],
    ['soon', 0],
    ['99999999999', 0],
  ])('with Retry-After: %s waits %i ms at least', (text, ms) => {
    expect(retryAfterMs({ headers: { 'Retry-After': text } }, START)).toBe(ms);
  });

  it('waits as exactly as it is told to', () => {
    expect(retryAfterMs({ headers: { 'Retry-After': '1' }, retryAfterMs: 20 }, START)).toBe(20);
    expect(retryAfterMs({}, START)).toBe(0);
  });

  it('heeds Retry-After, and gives up when that is later than it has time', async () => {
    const { caller, next, sent } = world({ baseMs: 100, budgetBurst: 5 }, () => 0.5);
    const busy = new GatewayError('UPSTREAM_RATE_LIMITED', { source: 'shop', headers: { 'Retry-After': '2' } });
    next.run = failing(busy);
    const well = caller(callOf('get'));
    await vi.advanceTimersByTimeAsync(2050);
    expect((await well).data).toBe('well');
    expect(sent).toEqual([0, 2050]);
    next.run = failing(busy);
    expect(await failureOf(caller(callOf('get', {}, { deadline: Date.now() + 2000 })))).toBe(busy);
  });
});

it('the wait is a part of a bound that doubles up to its own', () => {
  const inputs = fc.record({
    attempt: fc.integer({ min: 1, max: 10 }),
    after: fc.nat(10_000),
    baseMs: fc.integer({ min: 1, max: 1000 }),
    maxMs: fc.integer({ min: 1, max: 10_000 }),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  fc.assert(
    fc.property(inputs, ({ attempt, after, random, ...policy }) => {
      const ms = waitBefore(attempt, after, policy, random);
      expect(ms).toBeGreaterThanOrEqual(after);
      expect(ms - after).toBeLessThanOrEqual(Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1)));
    }),
  );
});

it('of n calls no more than n × (1 + budget) + burst are sent, and nothing twice that may not be', async () => {
  const settings = fc.record({
    attempts: fc.integer({ min: 1, max: 6 }),
    budgetPercent: fc.integer({ min: 1, max: 100 }),
    budgetBurst: fc.integer({ min: 1, max: 20 }),
  });
  const calls = fc.array(fc.record({ idempotent: fc.boolean(), failures: fc.nat(6) }), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(settings, calls, async (policy, list) => {
      const { caller, next, sent } = world(policy);
      let mayRepeat = 0;
      for (const { idempotent, failures } of list) {
        mayRepeat += idempotent ? 1 : 0;
        next.run = failing(...Array.from({ length: failures }, () => faultOf('UPSTREAM_UNREACHABLE')));
        const before = sent.length;
        await caller(callOf('set', {}, { idempotent })).catch(() => undefined);
        if (!idempotent) expect(sent.length - before).toBe(1);
        expect(sent.length - before).toBeLessThanOrEqual(policy.attempts);
      }
      const most = list.length + (mayRepeat * policy.budgetPercent) / 100 + policy.budgetBurst;
      expect(sent.length).toBeLessThanOrEqual(most);
    }),
  );
});
