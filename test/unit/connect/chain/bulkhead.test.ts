import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBulkhead, createBulkheadRule, placeOf } from '../../../../gateway/connect/chain/bulkhead.ts';
import { callOf, failureOf } from '../kit.ts';
import { faultOf, holdTransport, resultOf, watch } from './kit.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const flush = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(0));

describe('a place', () => {
  it.each([
    [0, 0, 1, 0, 'start'],
    [1, 0, 1, 0, 'refuse'],
    [1, 0, 1, 1, 'wait'],
    [1, 1, 1, 1, 'refuse'],
    // Nobody overtakes who waits.
    [0, 1, 1, 2, 'wait'],
  ] as const)(
    'with %i under way, %i waiting, %i allowed and %i may wait: %s',
    (running, waiting, maxCalls, maxQueue, place) => {
      expect(placeOf({ running, waiting }, { maxCalls, maxQueue })).toBe(place);
    },
  );
});

describe('the bulkhead', () => {
  it('never lets more through than it may, and those that wait in the order they came', async () => {
    const event = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ kind: 'call' as const }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(20), well: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(20) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(700) }) },
    );
    const limits = fc.record({ maxCalls: fc.integer({ min: 1, max: 3 }), maxQueue: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(
        limits,
        fc.array(event, { maxLength: 40, size: 'max' }),
        async ({ maxCalls, maxQueue }, events) => {
          const { held, caller } = holdTransport();
          const calling = createBulkheadRule(createBulkhead({ source: 'shop', maxCalls, maxQueue, maxQueueMs: 1000 }))(
            caller,
          );
          const { outcomes, add } = watch();
          const leavers: AbortController[] = [];
          const running = new Set<number>();
          let queue: number[] = [];
          const since = new Map<number, number>();
          const started: number[] = [];
          const refused = new Set<number>();
          const begin = (id: number): void => {
            running.add(id);
            started.push(id);
          };
          const end = (id: number): void => {
            running.delete(id);
            const first = queue.shift();
            if (first !== undefined) begin(first);
          };
          for (const event of events) {
            if (event.kind === 'call') {
              const controller = new AbortController();
              const id = leavers.push(controller) - 1;
              add(calling(callOf('get', { id }, { signal: controller.signal })));
              if (running.size < maxCalls && queue.length === 0) begin(id);
              else if (queue.length < maxQueue) {
                queue.push(id);
                since.set(id, Date.now());
              } else refused.add(id);
            } else if (event.kind === 'end') {
              const id = [...running][event.which % Math.max(1, running.size)];
              if (id === undefined) continue;
              const place = held.find(({ call }) => call.args['id'] === id);
              if (event.well) place?.resolve(resultOf(id));
              else place?.reject(faultOf('UPSTREAM_FAILED'));
              end(id);
            } else if (event.kind === 'pass') {
              await vi.advanceTimersByTimeAsync(event.ms);
              // Who has waited for as long as it may is told so, and nobody sooner.
              for (const id of queue) if (Date.now() - (since.get(id) ?? 0) >= 1000) refused.add(id);
              queue = queue.filter((id) => !refused.has(id));
            } else {
              leavers[event.who]?.abort(faultOf('CLIENT_CLOSED'));
              queue = queue.filter((id) => id !== event.who);
              if (running.has(event.who)) end(event.who);
            }
            await flush();
            expect(held.map(({ call }) => call.args['id'])).toEqual(started);
            expect(running.size).toBeLessThanOrEqual(maxCalls);
            expect(vi.getTimerCount()).toBe(queue.length);
            expect(leavers.length - outcomes.size).toBe(running.size + queue.length);
            const full = [...outcomes].filter(([, outcome]) => outcome === 'SOURCE_UNAVAILABLE').map(([id]) => id);
            expect(new Set(full)).toEqual(refused);
          }
          for (const controller of leavers) controller.abort(faultOf('CLIENT_CLOSED'));
          await flush();
          expect(outcomes.size).toBe(leavers.length);
          for (const { signal } of leavers) expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses what finds the queue full, and what waited too long', async () => {
    const { held, caller } = holdTransport();
    const calling = createBulkheadRule(createBulkhead({ source: 'shop', maxCalls: 1, maxQueue: 1, maxQueueMs: 200 }))(
      caller,
    );
    const first = calling(callOf('get'));
    const waiting = failureOf(calling(callOf('get')));
    expect(await failureOf(calling(callOf('get')))).toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      source: 'shop',
      retryable: true,
    });
    await vi.advanceTimersByTimeAsync(200);
    expect((await waiting).code).toBe('SOURCE_UNAVAILABLE');
    const next = calling(callOf('get'));
    held[0]?.resolve(resultOf(1));
    await first;
    await flush();
    held[1]?.resolve(resultOf(2));
    expect((await next).data).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
