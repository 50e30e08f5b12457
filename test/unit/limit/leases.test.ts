import { describe, expect, it } from 'vitest';
import type { Timer } from '../../../gateway/lib/timer.ts';
import { keepLeases } from '../../../gateway/limit/leases.ts';
import { createMemoryLimitStore } from '../../../gateway/limit/memory-store.ts';
import type { WantedLease } from '../../../gateway/limit/store.ts';
import { createFakeClock } from '../../kit/clock.ts';

const lease: WantedLease = { kind: 'lease', key: '{a}:l', id: '1', max: 1, leaseMs: 3000, shadow: false };

async function setUp() {
  const clock = createFakeClock();
  const store = createMemoryLimitStore({ maxKeys: 10, now: clock.now });
  const due = new Set<{ at: number; run: () => void }>();
  const after: Timer = (ms, run) => {
    const entry = { at: clock.now() + ms, run };
    due.add(entry);
    return () => due.delete(entry);
  };
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (const entry of [...due]) {
      if (entry.at > clock.now()) continue;
      due.delete(entry);
      entry.run();
    }
    await Promise.resolve();
  };
  const isFree = async (): Promise<boolean> =>
    (await store.take([{ ...lease, id: 'other', leaseMs: 1 }]))[0]?.fits === true;
  await store.take([lease]);
  return { store, after, pass, isFree, due };
}

describe('a lease', () => {
  it('lasts as long as its operation, however long that is, and is free at once when it ends', async () => {
    const { store, after, pass, isFree, due } = await setUp();
    const end = keepLeases(store, [lease], after);
    for (let times = 0; times < 20; times += 1) {
      await pass(1000);
      expect(await isFree()).toBe(false);
    }
    end();
    expect(await isFree()).toBe(true);
    expect(due.size).toBe(0);
  });

  it('ends by itself when its process does', async () => {
    const { pass, isFree } = await setUp();
    await pass(2999);
    expect(await isFree()).toBe(false);
    await pass(1);
    expect(await isFree()).toBe(true);
  });

  it('is given back again when it ended while it was being renewed', async () => {
    const { store, after, pass, isFree } = await setUp();
    let renewed = (): void => undefined;
    const slow = {
      ...store,
      renew: async (leases: readonly WantedLease[]) => {
        await new Promise<void>((resolve) => {
          renewed = resolve;
        });
        await store.renew(leases);
      },
    };
    const end = keepLeases(slow, [lease], after);
    await pass(1000);
    end();
    renewed();
    for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
    expect(await isFree()).toBe(true);
  });

  it('that fails to be renewed is tried again', async () => {
    const { store, after, pass, isFree } = await setUp();
    let times = 0;
    const flaky = {
      ...store,
      renew: (leases: readonly WantedLease[]) => {
        times += 1;
        return times === 1 ? Promise.reject(new Error('gone')) : store.renew(leases);
      },
    };
    keepLeases(flaky, [lease], after);
    for (let turn = 0; turn < 5; turn += 1) await pass(1000);
    expect([times, await isFree()]).toEqual([5, false]);
  });
});
