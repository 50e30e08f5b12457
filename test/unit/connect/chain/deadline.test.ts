/** Laws of time: whatever comes first decides, nothing lasts longer, nothing is left. */
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { retry as retrySchema } from '../../../../gateway/config/rules.ts';
import { composeRules } from '../../../../gateway/connect/chain/compose.ts';
import { createDeadlineRule } from '../../../../gateway/connect/chain/deadline.ts';
import { createRetryRule } from '../../../../gateway/connect/chain/retry.ts';
import { createRetryBudget } from '../../../../gateway/connect/chain/retry-budget.ts';
import type { Call, Caller } from '../../../../gateway/connect/connector.ts';
import { callOf } from '../kit.ts';
import { faultOf, resultOf } from './kit.ts';

const ms = fc.integer({ min: 1, max: 200 });
const maybe = fc.option(ms, { nil: undefined });
const LONG = 1000;

beforeAll(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterAll(() => {
  vi.useRealTimers();
});

/** How a call ended and after how long. */
async function watch(calling: Promise<{ data: unknown }>): Promise<{ end: unknown; after: number }> {
  const start = Date.now();
  const ended = calling.then(
    ({ data }) => ({ end: data, after: Date.now() - start }),
    (error: { code?: unknown }) => ({ end: error.code, after: Date.now() - start }),
  );
  await vi.advanceTimersByTimeAsync(LONG);
  return await ended;
}

/** Answers after so long; like a real transport it stops when it is told to. */
function answering(afterMs: number | undefined, fails: boolean, seen: Call[]): Caller {
  return (call) => {
    seen.push(call);
    return new Promise((resolve, reject) => {
      const timer =
        afterMs &&
        setTimeout(() => (fails ? reject(faultOf('UPSTREAM_FAILED', 500)) : resolve(resultOf('answer'))), afterMs);
      call.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(call.signal.reason);
      });
    });
  };
}

it('a call ends with what comes first: its answer, the time of its source, the budget of its request, or its client', async () => {
  const inputs = fc.record({ own: maybe, left: ms, answer: maybe, leave: maybe, fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(inputs, async ({ own, left, answer, leave, fails }) => {
      const client = new AbortController();
      const seen: Call[] = [];
      const rule = createDeadlineRule({ source: 'shop', deadlineMs: own, now: Date.now });
      const deadline = Date.now() + left;
      const leaving = leave && setTimeout(() => client.abort(), leave);
      const calling = rule(answering(answer, fails, seen))(callOf('get', {}, { deadline, signal: client.signal }));
      const { end, after } = await watch(calling);
      clearTimeout(leaving);
      const events = [
        [answer, fails ? 'UPSTREAM_FAILED' : 'answer'],
        [own !== undefined && own < left ? own : undefined, 'UPSTREAM_TIMEOUT'],
        [left, 'DEADLINE_EXCEEDED'],
        [leave, 'CLIENT_CLOSED'],
      ] as const;
      const first = Math.min(...events.map(([at = Number.POSITIVE_INFINITY]) => at));
      expect(after).toBe(first);
      // What comes at the same time may come first.
      expect(events.filter(([at]) => at === first).map(([, outcome]) => outcome)).toContain(end);
      expect(seen[0]?.deadline).toBe(deadline - left + Math.min(left, own ?? left));
      expect(seen[0]?.signal.aborted).toBe(end !== 'answer' && end !== 'UPSTREAM_FAILED');
      expect(vi.getTimerCount()).toBe(0);
      expect(getEventListeners(client.signal, 'abort')).toHaveLength(0);
    }),
  );
});

it('attempts take no longer together than the call has, are no more than there may be, and each knows its own time', async () => {
  const inputs = fc.record({
    own: maybe,
    left: ms,
    answers: fc.array(fc.record({ answer: maybe, fails: fc.boolean() }), { minLength: 5, maxLength: 5 }),
    attempts: fc.integer({ min: 1, max: 5 }),
    attemptMs: maybe,
    idempotent: fc.boolean(),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(inputs, async ({ own, left, answers, attempts, attemptMs, idempotent, random }) => {
      const policy = retrySchema.parse({ attempts, baseMs: 5, budgetBurst: 100, ...(attemptMs && { attemptMs }) });
      const seen: Call[] = [];
      const starts: number[] = [];
      const rules = [
        createDeadlineRule({ source: 'shop', deadlineMs: own, now: Date.now }),
        createRetryRule({
          ...{ source: 'shop', policy, budget: createRetryBudget(policy), now: Date.now, random: () => random },
          isIdempotent: (call) => call.idempotent,
        }),
      ];
      const caller = composeRules(rules, (call) => {
        starts.push(Date.now());
        const { answer, fails } = answers[starts.length - 1] ?? { answer: undefined, fails: false };
        return answering(answer, fails, seen)(call);
      });
      const start = Date.now();
      const limit = Math.min(left, own ?? left);
      const { end, after } = await watch(caller(callOf('get', {}, { deadline: start + left, idempotent })));
      expect(after).toBeLessThanOrEqual(limit);
      expect(seen.length).toBeGreaterThanOrEqual(1);
      expect(seen.length).toBeLessThanOrEqual(idempotent ? attempts : 1);
      for (const [index, { deadline, signal }] of seen.entries()) {
        expect(deadline).toBeLessThanOrEqual(start + limit);
        // One at a time: who is followed is over.
        if (index < seen.length - 1) expect(starts[index + 1]).toBeGreaterThanOrEqual(starts[index] ?? 0);
        if (index < seen.length - 1 && answers[index]?.answer === undefined) expect(signal.aborted).toBe(true);
      }
      expect(['answer', 'UPSTREAM_FAILED', 'UPSTREAM_TIMEOUT', 'DEADLINE_EXCEEDED']).toContain(end);
      expect(vi.getTimerCount()).toBe(0);
    }),
  );
});
