import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCoalesceRule, startFlight, waitFor } from '../../../../gateway/connect/chain/coalesce.ts';
import type { Call } from '../../../../gateway/connect/connector.ts';
import type { CallNotes } from '../../../../gateway/context.ts';
import { Ending } from '../../../../gateway/lib/ending.ts';
import { callOf, failureOf } from '../kit.ts';
import { faultOf, holdTransport, resultOf, settled, watch } from './kit.ts';

const NOW = 1_000_000;

function ruleOf(now = () => NOW, maxFlights?: number) {
  return createCoalesceRule({
    source: 'shop',
    isRead: (call) => call.idempotent,
    keyOf: ({ args }) => (args['key'] === undefined ? undefined : { text: String(args['key']) }),
    now,
    ...(maxFlights !== undefined && { maxFlights }),
  });
}

const read = (key: unknown, rest: Parameters<typeof callOf>[2] = {}): Call =>
  callOf('get', { key }, { deadline: NOW + 1000, ...rest });

describe('a call that waits for many flights', () => {
  it('is no leak: no listener stays', async () => {
    const signal = new Ending();
    const call = { ...read('a'), signal };
    const { held, caller } = holdTransport();
    const flights = Array.from({ length: 30 }, () => startFlight(call, caller, () => undefined));
    const waits = flights.map((flight) => waitFor(flight, call, 'shop', () => undefined));
    await nextTurn();
    const whileHeld = signal.listeners;
    for (const each of held) each.resolve(resultOf('row'));
    await Promise.all(waits);
    expect([held.length, whileHeld, signal.listeners]).toEqual([30, 30, 0]);
  });
});

describe('equal reads under way', () => {
  it('are joined by nobody who asks after a change has ended', async () => {
    const { held, caller } = holdTransport();
    const asking = ruleOf()(caller);
    const early = asking(read('a'));
    const change = asking(callOf('put', { key: 'a' }, { deadline: NOW + 1000, idempotent: false }));
    const during = asking(read('a'));
    await settled();
    expect(held.length).toBe(2);
    held[1]?.resolve(resultOf('changed'));
    await change;
    const after = asking(read('a'));
    await settled();
    expect(held.length).toBe(3);
    held[0]?.resolve(resultOf('old'));
    held[2]?.resolve(resultOf('new'));
    expect((await Promise.all([early, during, after])).map(({ data }) => data)).toEqual(['old', 'old', 'new']);
  });

  it('are not waited for by who has left already', async () => {
    const { held, caller } = holdTransport();
    const asking = ruleOf()(caller);
    const gone = { signal: AbortSignal.abort() };
    const stays = asking(read('a'));
    expect((await failureOf(asking(read('a', gone)))).code).toBe('CLIENT_CLOSED');
    expect((await failureOf(asking(read('b', gone)))).code).toBe('CLIENT_CLOSED');
    expect(held).toHaveLength(1);
    held[0]?.resolve(resultOf('a'));
    expect((await stays).data).toBe('a');
  });

  it('share one call exactly when their keys are equal, and nobody gets another’s leaving', async () => {
    const event = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), key: fc.integer({ min: 0, max: 3 }) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(30) }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('end' as const), flight: fc.nat(30), well: fc.boolean() }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40, size: 'max' }), async (events) => {
        const { held, caller } = holdTransport();
        const asking = ruleOf()(caller);
        const { outcomes, add } = watch();
        const leavers: AbortController[] = [];
        // The model: flights in the order they began, each with who waits for it.
        const flights: { key: number; waiters: Set<number>; over: boolean }[] = [];
        const expected = new Map<number, unknown>();
        for (const event of events) {
          if (event.kind === 'ask') {
            const controller = new AbortController();
            leavers.push(controller);
            const id = add(asking(read(event.key, { signal: controller.signal })));
            const joined = flights.find(({ key, over }) => key === event.key && !over);
            if (joined) joined.waiters.add(id);
            else flights.push({ key: event.key, waiters: new Set([id]), over: false });
          } else if (event.kind === 'leave') {
            leavers[event.who]?.abort();
            const flight = flights.find(({ waiters, over }) => !over && waiters.has(event.who));
            if (flight) {
              expected.set(event.who, 'CLIENT_CLOSED');
              flight.waiters.delete(event.who);
              flight.over = flight.waiters.size === 0;
            }
          } else {
            const flight = flights[event.flight];
            const transport = held[event.flight];
            if (!flight || flight.over) continue;
            flight.over = true;
            for (const id of flight.waiters) expected.set(id, event.well ? event.flight : 'UPSTREAM_FAILED');
            if (event.well) transport?.resolve(resultOf(event.flight));
            else transport?.reject(faultOf('UPSTREAM_FAILED'));
          }
          await settled();
          expect(held.map(({ call }) => call.args['key'])).toEqual(flights.map(({ key }) => key));
          expect(held.map(({ call }) => call.signal.aborted)).toEqual(flights.map(({ waiters }) => waiters.size === 0));
          expect(outcomes).toEqual(expected);
        }
        for (const { reject } of held) reject(faultOf('UPSTREAM_FAILED'));
        await settled();
        expect(outcomes.size).toBe(leavers.length);
        for (const { signal } of leavers) expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      }),
      { numRuns: 60 },
    );
  });

  it('are not joined by who comes when the last one has just gone', async () => {
    const { held, caller } = holdTransport();
    const asking = ruleOf()(caller);
    const controller = new AbortController();
    const gone = failureOf(asking(read('a', { signal: controller.signal })));
    controller.abort();
    const next = asking(read('a'));
    expect(held.map(({ call }) => call.signal.aborted)).toEqual([true, false]);
    held[1]?.resolve(resultOf('for who came later'));
    expect((await next).data).toBe('for who came later');
    expect((await gone).code).toBe('CLIENT_CLOSED');
  });

  it('have the latest deadline of those who wait', async () => {
    const { held, caller } = holdTransport();
    const asking = ruleOf()(caller);
    const all = [NOW + 100, NOW + 900, NOW + 500].map((deadline) => asking(read('a', { deadline })));
    expect(held).toHaveLength(1);
    expect(held[0]?.call.deadline).toBe(NOW + 900);
    held[0]?.resolve(resultOf('answer'));
    expect((await Promise.all(all)).map(({ data }) => data)).toEqual(['answer', 'answer', 'answer']);
  });

  it('do not share the end of the time that the first one had: who has more asks anew', async () => {
    let time = NOW;
    const { held, caller } = holdTransport();
    const asking = ruleOf(() => time)(caller);
    const first = failureOf(asking(read('a', { deadline: NOW + 100 })));
    const second = asking(read('a', { deadline: NOW + 900 }));
    time = NOW + 110;
    held[0]?.reject(faultOf('UPSTREAM_TIMEOUT'));
    expect((await first).code).toBe('UPSTREAM_TIMEOUT');
    await settled();
    held[1]?.resolve(resultOf('late'));
    expect((await second).data).toBe('late');
    expect(held).toHaveLength(2);
  });

  it('do share a time-out that the source itself declared', async () => {
    const { held, caller } = holdTransport();
    const asking = ruleOf()(caller);
    const both = [NOW + 100, NOW + 900].map((deadline) => failureOf(asking(read('a', { deadline }))));
    held[0]?.reject(faultOf('UPSTREAM_TIMEOUT'));
    expect((await Promise.all(both)).map(({ code }) => code)).toEqual(['UPSTREAM_TIMEOUT', 'UPSTREAM_TIMEOUT']);
    expect(held).toHaveLength(1);
  });

  it('are told to their records: who joined, and what the shared call did', async () => {
    const { held, caller } = holdTransport();
    const asking = ruleOf()(caller);
    const notes: CallNotes[] = [{}, {}];
    const both = notes.map((each) => asking(read('a', { notes: each })));
    const shared = held[0]?.call.notes;
    if (shared) shared.attempts = 2;
    held[0]?.resolve(resultOf(1));
    await Promise.all(both);
    expect(notes).toEqual([{ attempts: 2 }, { attempts: 2, coalesced: true }]);
  });
});

it.each([
  ['mutations', { idempotent: false }],
  ['calls that cannot be compared', {}],
])('%s never share', async (_what, rest) => {
  const { held, caller } = holdTransport();
  const asking = ruleOf()(caller);
  const calls = [0, 1].map(() => asking(callOf('get', 'idempotent' in rest ? { key: 'a' } : {}, rest)));
  await settled();
  expect(held).toHaveLength(2);
  for (const { resolve } of held) resolve(resultOf(1));
  await Promise.all(calls);
});

it('beyond the limit of shared calls each is made by itself', async () => {
  const { held, caller } = holdTransport();
  const asking = ruleOf(undefined, 1)(caller);
  const calls = ['a', 'b', 'b', 'a'].map((key) => asking(read(key)));
  await settled();
  expect(held.map(({ call }) => call.args['key'])).toEqual(['a', 'b', 'b']);
  for (const { resolve } of held) resolve(resultOf(1));
  await Promise.all(calls);
});
