/** Laws of shared calls with clocks, deadlines and changes: a model says who waits for which call. */
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCoalesceRule } from '../../../../gateway/connect/chain/coalesce.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { callOf } from '../kit.ts';
import { faultOf, holdTransport, resultOf, settled, watch } from './kit.ts';

type Step =
  | { kind: 'ask'; key: number; leftMs: number }
  | { kind: 'change' }
  | { kind: 'leave'; who: number }
  | { kind: 'end'; which: number; how: 'well' | 'UPSTREAM_FAILED' | 'UPSTREAM_TIMEOUT' | 'DEADLINE_EXCEEDED' }
  | { kind: 'pass'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      key: fc.nat(2),
      leftMs: fc.integer({ min: 1, max: 90 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('change' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(25) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(25),
      how: fc.constantFrom('well', 'UPSTREAM_FAILED', 'UPSTREAM_TIMEOUT', 'DEADLINE_EXCEEDED'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(50) }) },
);

/** A call under way: for a key, or undefined for a change. */
type Flight = {
  key: number | undefined;
  /** Who waits, in the order in which they came; the first began it. */
  waiters: number[];
  startDeadline: number;
  isOver: boolean;
  /** Whether others may still join it. */
  isOpen: boolean;
};

it('each waiter gets the answer to its own key, of a call that began after all changes before it; nobody is cut short by another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      const clock = createFakeClock();
      const { held, caller } = holdTransport();
      const asking = createCoalesceRule({
        source: 'shop',
        isRead: (call) => call.idempotent,
        keyOf: ({ args }) => ({ text: String(args['key']) }),
        now: clock.now,
      })(caller);
      const { outcomes, add } = watch();
      const clients: AbortController[] = [];
      const deadlines: number[] = [];
      const flights: Flight[] = [];
      const expected = new Map<number, unknown>();

      const join = (id: number, key: number): void => {
        const open = flights.find((flight) => flight.key === key && flight.isOpen);
        if (open) open.waiters.push(id);
        else flights.push({ key, waiters: [id], startDeadline: deadlines[id] ?? 0, isOver: false, isOpen: true });
      };
      const close = (flight: Flight): void => {
        flight.isOver = true;
        flight.isOpen = false;
      };

      for (const each of steps) {
        if (each.kind === 'ask' || each.kind === 'change') {
          const client = new AbortController();
          const deadline = clock.now() + (each.kind === 'ask' ? each.leftMs : 1000);
          const id = clients.push(client) - 1;
          deadlines.push(deadline);
          const idempotent = each.kind === 'ask';
          const key = each.kind === 'ask' ? each.key : undefined;
          add(asking(callOf('get', { key }, { deadline, signal: client.signal, idempotent })));
          if (key !== undefined) join(id, key);
          else flights.push({ key, waiters: [id], startDeadline: deadline, isOver: false, isOpen: false });
        } else if (each.kind === 'leave') {
          clients[each.who]?.abort();
          const flight = flights.find(({ waiters, isOver }) => !isOver && waiters.includes(each.who));
          if (flight) {
            flight.waiters = flight.waiters.filter((id) => id !== each.who);
            // A change is nobody else's: what it ends with is what its transport says.
            if (flight.key === undefined) for (const other of flights) other.isOpen = false;
            if (flight.key !== undefined) expected.set(each.who, 'CLIENT_CLOSED');
            else expected.set(each.who, clients[each.who]?.signal.reason);
            if (flight.waiters.length === 0) close(flight);
          }
        } else if (each.kind === 'pass') clock.advance(each.ms);
        else {
          const flight = flights[each.which];
          if (!flight || flight.isOver) continue;
          const { key, waiters, startDeadline } = flight;
          close(flight);
          if (key === undefined) for (const other of flights) other.isOpen = false;
          const isLate = each.how.endsWith('TIMEOUT') || each.how === 'DEADLINE_EXCEEDED';
          for (const id of waiters) {
            // Who began it has no more time than it had.
            const hasMore = (deadlines[id] ?? 0) > startDeadline && clock.now() >= startDeadline;
            if (isLate && key !== undefined && hasMore) join(id, key);
            else expected.set(id, each.how === 'well' ? each.which : each.how);
          }
          if (each.how === 'well') held[each.which]?.resolve(resultOf(each.which));
          else held[each.which]?.reject(faultOf(each.how));
        }
        await settled();
        expect(held.map(({ call }) => call.args['key'])).toEqual(flights.map(({ key }) => key));
        expect(outcomes).toEqual(expected);
        // A shared call ends with its last waiter and no sooner, and has the time of who has most.
        for (const [at, { key, waiters, isOver }] of flights.entries()) {
          const call = held[at]?.call;
          expect(call?.signal.aborted).toBe(waiters.length === 0);
          if (isOver || key === undefined) continue;
          for (const id of waiters) expect(call?.deadline).toBeGreaterThanOrEqual(deadlines[id] ?? 0);
        }
      }
      for (const { reject } of held) reject(faultOf('UPSTREAM_FAILED'));
      await settled();
      for (const { reject } of held) reject(faultOf('UPSTREAM_FAILED'));
      await settled();
      expect(outcomes.size).toBe(clients.length);
      for (const { signal } of clients) expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 50, seed: 3 },
  );
});
