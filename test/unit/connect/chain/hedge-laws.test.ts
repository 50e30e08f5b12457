/** Laws of hedges and of the budget that they share with repetitions, whatever comes when. */
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { hedge as hedgeSchema, retry as retrySchema } from '../../../../gateway/config/rules.ts';
import { composeRules } from '../../../../gateway/connect/chain/compose.ts';
import { createHedgeRule } from '../../../../gateway/connect/chain/hedge.ts';
import { createRetryRule } from '../../../../gateway/connect/chain/retry.ts';
import { createBudgetRule, createRetryBudget } from '../../../../gateway/connect/chain/retry-budget.ts';
import type { Call } from '../../../../gateway/connect/connector.ts';
import type { CallNotes } from '../../../../gateway/context.ts';
import { callOf } from '../kit.ts';
import { faultOf, holdTransport, resultOf, watch } from './kit.ts';

beforeAll(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterAll(() => {
  vi.useRealTimers();
});

type Step =
  | { kind: 'call'; reads: boolean }
  | { kind: 'end'; which: number; well: boolean }
  | { kind: 'leave'; who: number }
  | { kind: 'pass'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('call' as const), reads: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(40), well: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(60) }) },
);
const limits = { budgetPercent: fc.integer({ min: 1, max: 50 }), budgetBurst: fc.integer({ min: 1, max: 4 }) };

/** Calls by their number, behind rules that may send them more than once; the transport answers as the steps say. */
function world(rules: Parameters<typeof composeRules>[0]) {
  const { held, caller } = holdTransport();
  const ended = new Set<number>();
  const calling = composeRules(rules, caller);
  const { outcomes, add } = watch();
  const clients: AbortController[] = [];
  const reads: boolean[] = [];
  const notes: CallNotes[] = [];
  const left = new Set<number>();
  const attemptsOf = (id: number): number[] => held.flatMap(({ call }, at) => (call.args['id'] === id ? [at] : []));
  async function take(each: Step): Promise<void> {
    if (each.kind === 'call') {
      const client = new AbortController();
      const id = clients.push(client) - 1;
      const own: CallNotes = {};
      reads.push(each.reads);
      notes.push(own);
      add(calling(callOf('get', { id }, { idempotent: each.reads, signal: client.signal, notes: own })));
    } else if (each.kind === 'end') {
      const open = held.flatMap(({ call }, at) => (ended.has(at) || call.signal.aborted ? [] : [at]));
      const at = open[each.which % Math.max(1, open.length)];
      if (at === undefined) return;
      ended.add(at);
      if (each.well) held[at]?.resolve(resultOf(at));
      else held[at]?.reject(faultOf('UPSTREAM_UNREACHABLE'));
    } else if (each.kind === 'leave') {
      if (clients[each.who] && !outcomes.has(each.who)) left.add(each.who);
      clients[each.who]?.abort(faultOf('CLIENT_CLOSED'));
    } else await vi.advanceTimersByTimeAsync(each.ms);
    await vi.advanceTimersByTimeAsync(0);
  }
  /** Answers what is open, until nobody waits. */
  async function finish(): Promise<void> {
    for (let turn = 0; outcomes.size < clients.length && turn < 100; turn += 1)
      await take({ kind: 'end', which: 0, well: true });
    expect(outcomes.size).toBe(clients.length);
    expect(vi.getTimerCount()).toBe(0);
    for (const { signal } of clients) expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(2);
  }
  return { held, ended, outcomes, clients, reads, notes, left, attemptsOf, take, finish };
}

const isRead = (call: Call): boolean => call.idempotent;

it('a read is sent once more at most, within the budget, and anything else once; who loses is cancelled, and who leaves takes all with him', async () => {
  const settings = fc.record({
    ...limits,
    minimumCalls: fc.integer({ min: 1, max: 2 }),
    steps: fc.array(step, { maxLength: 40, size: 'max' }),
  });
  await fc.assert(
    fc.asyncProperty(settings, async ({ steps, minimumCalls, ...bounds }) => {
      const budget = createRetryBudget(bounds);
      const policy = hedgeSchema.parse({ minimumCalls, minimumMs: 10 });
      const hedge = createHedgeRule({ source: 'shop', policy, budget, isRead, now: Date.now });
      const { held, ended, outcomes, clients, reads, notes, left, attemptsOf, take, finish } = world([
        createBudgetRule(budget, isRead),
        hedge,
      ]);
      let hedges = 0;
      const check = (): void => {
        hedges = 0;
        for (const id of clients.keys()) {
          const attempts = attemptsOf(id);
          hedges += attempts.length - 1;
          expect(attempts.length).toBeLessThanOrEqual(reads[id] ? 2 : 1);
          expect(notes[id]?.attempts ?? 1).toBe(attempts.length);
          const outcome = outcomes.get(id);
          const open = attempts.filter((at) => !ended.has(at) && !held[at]?.call.signal.aborted);
          if (outcome === undefined) expect(open.length).toBeGreaterThanOrEqual(1);
          // Nothing goes on for a call that is over; its answer is one of its own.
          else if (reads[id]) expect(open).toEqual([]);
          if (typeof outcome === 'number') expect(attempts).toContain(outcome);
          // A client that has left hears so, and nobody else does.
          if (outcome === 'CLIENT_CLOSED') expect(left.has(id)).toBe(true);
        }
        const mayRepeat = reads.filter(Boolean).length;
        expect(hedges).toBeLessThanOrEqual(bounds.budgetBurst + (mayRepeat * bounds.budgetPercent) / 100);
      };
      for (const each of steps) {
        await take(each);
        check();
      }
      await finish();
      check();
    }),
    { numRuns: 30, seed: 7 },
  );
});

it('repetitions and hedges together are never more than the budget, and never of what may not be sent twice', async () => {
  const settings = fc.record({
    ...limits,
    attempts: fc.integer({ min: 1, max: 4 }),
    random: fc.double({ min: 0, max: 0.99, noNaN: true }),
    steps: fc.array(step, { maxLength: 40, size: 'max' }),
  });
  await fc.assert(
    fc.asyncProperty(settings, async ({ steps, attempts, random, ...bounds }) => {
      const policy = retrySchema.parse({ attempts, baseMs: 20, attemptMs: 200, ...bounds });
      const budget = createRetryBudget(bounds);
      const again = { source: 'shop', policy, budget, isIdempotent: isRead, now: Date.now, random: () => random };
      const hedge = { source: 'shop', policy: hedgeSchema.parse({ minimumCalls: 1 }), budget, isRead, now: Date.now };
      const { held, clients, reads, attemptsOf, take, finish } = world([
        createBudgetRule(budget, isRead),
        createRetryRule(again),
        createHedgeRule(hedge),
      ]);
      const check = (): void => {
        const mayRepeat = reads.filter(Boolean).length;
        const most = bounds.budgetBurst + (mayRepeat * bounds.budgetPercent) / 100;
        expect(held.length - clients.length).toBeLessThanOrEqual(most);
        for (const [id, isRead] of reads.entries()) {
          expect(attemptsOf(id).length).toBeLessThanOrEqual(isRead ? 2 * attempts : 1);
          expect(attemptsOf(id).length).toBeGreaterThanOrEqual(1);
        }
      };
      for (const each of steps) {
        await take(each);
        check();
      }
      for (let turn = 0; turn < 100 && vi.getTimerCount() > 0; turn += 1) {
        await take({ kind: 'end', which: 0, well: true });
        await vi.advanceTimersByTimeAsync(50);
      }
      await finish();
      check();
    }),
    { numRuns: 40, seed: 11 },
  );
});
