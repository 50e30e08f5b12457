/** Who asks for the budgets of one request more than once waits no longer than who asks once. */
import { expect, it } from 'vitest';
import { gatewaySchema } from '../../../gateway/config/schema.ts';
import { createPatience } from '../../../gateway/lib/patience.ts';
import { guardStore } from '../../../gateway/limit/guard.ts';
import { createHoldAddress, type Unidentified } from '../../../gateway/limit/hold-address.ts';
import { createMemoryLimitStore } from '../../../gateway/limit/memory-store.ts';
import { createCountRefused } from '../../../gateway/limit/refused-requests.ts';
import { createFakeClock } from '../../kit/clock.ts';

/** A store that takes as long as it is told, and time that passes when it is told. */
function setUp() {
  const clock = createFakeClock();
  const due: { at: number; run: () => void }[] = [];
  const waits: number[] = [];
  const later = (ms: number, run: () => void): (() => void) => {
    const entry = { at: clock.now() + ms, run };
    due.push(entry);
    return () => void due.splice(due.indexOf(entry), due.includes(entry) ? 1 : 0);
  };
  const after = (ms: number, run: () => void): (() => void) => {
    waits.push(ms);
    return later(ms, run);
  };
  const memory = createMemoryLimitStore({ maxKeys: 100, now: clock.now });
  const state = { answersAfterMs: 0 };
  const slow = {
    ...memory,
    take: async (wanted: Parameters<typeof memory.take>[0]) => {
      const { answersAfterMs } = state;
      await new Promise<void>((resolve) => void later(answersAfterMs, resolve));
      return await memory.take(wanted);
    },
  };
  const faults: unknown[] = [];
  const options = { timeoutMs: 20, now: clock.now, after, onFault: (fault: unknown) => faults.push(fault) };
  /** Time passes until all is done. */
  async function finish<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = (): void => {
      isDone = true;
    };
    work.then(end, end);
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = [...due].sort((a, b) => a.at - b.at);
      if (!next || isDone) continue;
      due.splice(due.indexOf(next), 1);
      clock.advance(next.at - clock.now());
      next.run();
    }
    return await work;
  }
  return { clock, options, slow, state, waits, faults, finish };
}

it('who held a place of an address has what is left of the time, and none where all is gone', async () => {
  const { clock, options, slow, state, waits, finish } = setUp();
  const stores = { local: createMemoryLimitStore({ maxKeys: 100, now: clock.now }), shared: guardStore(slow, options) };
  const config = gatewaySchema.parse({ rateLimits: [{ name: 'r', by: ['ip'], points: 100, cost: 'requests' }] });
  const taking = { stores, localSharePercent: 10, onRefusal: () => undefined };
  const hold = createHoldAddress(config, taking);
  const count = createCountRefused(config, taking);
  async function ask(): Promise<number> {
    const began = clock.now();
    const request: Unidentified = { peer: { address: '192.0.2.1' }, path: '/graphql', headers: new Map() };
    await hold?.(request);
    await count?.({ ...request, quota: undefined });
    return clock.now() - began;
  }
  const timeOf = async (answersAfterMs: number): Promise<[number, readonly number[]]> => {
    waits.length = 0;
    state.answersAfterMs = answersAfterMs;
    return [await finish(ask()), [...waits]];
  };
  expect(await timeOf(5)).toEqual([10, [20, 15]]);
  expect(await timeOf(12)).toEqual([20, [20, 8]]);
  expect(await timeOf(100)).toEqual([20, [20]]);
});

it('an answer for which too little time was left says nothing about the store', async () => {
  const { options, state, faults, finish, slow } = setUp();
  const patience = createPatience({ ...options, most: 1 });
  state.answersAfterMs = 5;
  const ask = (goneMs: number) => finish(patience.ask(() => slow.take([]), undefined, { goneMs }));
  for (let times = 0; times < 5; times += 1) expect(await ask(17)).toBeUndefined();
  expect(String(faults)).toContain('did not answer in 3 ms');
  expect(await ask(14)).toEqual({ value: [] });
  expect(await ask(20)).toBeUndefined();
});
