import { afterAll, describe, expect, it } from 'vitest';
import { gatewaySchema } from '../../../gateway/config/schema.ts';
import type { Timer } from '../../../gateway/lib/timer.ts';
import { guardStore } from '../../../gateway/limit/guard.ts';
import { createMemoryLimitStore } from '../../../gateway/limit/memory-store.ts';
import { openLimits } from '../../../gateway/limit/open.ts';
import type { LimitStore, Wanted, WantedPoints } from '../../../gateway/limit/store.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { startRedis } from '../../kit/redis-servers.ts';
import { until } from '../../kit/until.ts';

const wanted: WantedPoints = { kind: 'points', key: '{a}:p', points: 1, emissionMs: 1, depthMs: 100, shadow: false };

/** A guarded store that answers, fails or stays silent as it is told, and time that passes when it is told. */
function setUp() {
  const clock = createFakeClock();
  const due: { at: number; run: () => void }[] = [];
  const after: Timer = (ms, run) => {
    const entry = { at: clock.now() + ms, run };
    due.push(entry);
    return () => void due.splice(due.indexOf(entry), due.includes(entry) ? 1 : 0);
  };
  let asked = 0;
  const state = { mood: 'well' as 'well' | 'failing' | 'silent' | 'slow' };
  let answer = (): void => undefined;
  const memory = createMemoryLimitStore({ maxKeys: 10, now: clock.now });
  const moody: LimitStore = {
    ...memory,
    take(all) {
      asked += 1;
      if (state.mood === 'failing') return Promise.reject(new Error('gone'));
      if (state.mood === 'slow')
        return new Promise((resolve) => {
          answer = () => resolve(memory.take(all));
        });
      return state.mood === 'silent' ? new Promise(() => undefined) : memory.take(all);
    },
    release: (all) => (state.mood === 'failing' ? Promise.reject(new Error('gone')) : memory.release(all)),
  };
  const faults: unknown[] = [];
  const store = guardStore(moody, {
    timeoutMs: 20,
    failures: 3,
    restMs: 1000,
    maxOwed: 3,
    now: clock.now,
    after,
    onFault: (error) => faults.push(error),
  });
  const pass = (ms: number): void => {
    clock.advance(ms);
    for (const entry of [...due]) if (entry.at <= clock.now()) entry.run();
  };
  return { store, state, faults, pass, due, memory, asked: () => asked, answer: () => answer() };
}

/** What nobody waits for has been done. */
const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe('a guarded store', () => {
  it('gives what the store gives, and leaves no timer behind', async () => {
    const { store, due } = setUp();
    expect(await store.take([wanted])).toEqual([{ fits: true, used: 1 }]);
    expect(due).toEqual([]);
  });

  it('keeps nobody waiting for longer than it may', async () => {
    const { store, state, faults, pass } = setUp();
    state.mood = 'silent';
    let answer: unknown = 'none yet';
    const asked = store.take([wanted]).then((value) => {
      answer = value;
    });
    pass(19);
    await Promise.resolve();
    expect(answer).toBe('none yet');
    pass(1);
    await asked;
    expect(answer).toBeUndefined();
    expect(String(faults)).toContain('did not answer in 20 ms');
  });

  it('leaves a store alone that failed several times and is silent, asks again after a while, one at a time at first, and goes on', async () => {
    const { store, state, pass, asked } = setUp();
    state.mood = 'failing';
    for (let times = 0; times < 10; times += 1) {
      expect(await store.take([wanted])).toBeUndefined();
      pass(20);
    }
    expect(asked()).toBe(6);
    pass(899);
    expect(await store.take([wanted])).toBeUndefined();
    expect(asked()).toBe(6);
    pass(1);
    state.mood = 'silent';
    const probe = store.take([wanted]);
    expect(await store.take([wanted])).toBeUndefined();
    expect(asked()).toBe(7);
    pass(20);
    expect(await probe).toBeUndefined();
    // The probe failed: it rests again.
    expect(await store.take([wanted])).toBeUndefined();
    expect(asked()).toBe(7);
    pass(1000);
    state.mood = 'well';
    expect(await store.take([wanted])).toHaveLength(1);
    const both = await Promise.all([store.take([wanted]), store.take([wanted]), store.take([wanted])]);
    expect(both.map((taken) => taken !== undefined)).toEqual([true, true, false]);
    expect(asked()).toBe(10);
  });

  it('gives back what was taken too late, since who asked went on without it', async () => {
    const { store, state, pass, memory, answer } = setUp();
    const lease: Wanted = { kind: 'lease', key: '{a}:l', id: '1', max: 2, leaseMs: 30_000, shadow: false };
    const shadow: Wanted = { ...wanted, key: '{a}:s', points: 101, shadow: true };
    state.mood = 'slow';
    const late = store.take([{ ...wanted, points: 30 }, lease, shadow]);
    pass(20);
    expect(await late).toBeUndefined();
    answer();
    await settled();
    const standing = await memory.take([
      { ...wanted, points: 0 },
      { ...lease, id: '2' },
      { ...shadow, points: 0 },
    ]);
    expect(standing.map(({ used }) => used)).toEqual([0, 1, 0]);
  });

  it('gives nothing back where nothing was taken', async () => {
    const { store, state, pass, memory, answer } = setUp();
    await memory.take([{ ...wanted, points: 80 }]);
    state.mood = 'slow';
    const late = store.take([{ ...wanted, points: 30 }]);
    pass(20);
    expect(await late).toBeUndefined();
    answer();
    await settled();
    expect(await memory.take([{ ...wanted, points: 0 }])).toEqual([{ fits: true, used: 60 }]);
  });

  it('gives places back once the store is there again, of too many the last ones', async () => {
    const { store, state, pass, memory } = setUp();
    const leases = ['1', '2', '3', '4'].map((id) => {
      return { kind: 'lease', key: '{a}:l', id, max: 9, leaseMs: 30_000, shadow: false } as const;
    });
    for (const lease of leases) await store.take([lease]);
    state.mood = 'failing';
    for (const lease of leases) await store.release([lease]);
    pass(10);
    state.mood = 'well';
    await store.take([wanted]);
    await settled();
    const [{ used } = { used: -1 }] = await memory.take([{ ...leases[0], id: '5' } as Wanted]);
    // One is left to its time, and one was taken to look.
    expect(used).toBe(2);
  });

  it('takes one failure among many for what it is', async () => {
    const { store, state, asked } = setUp();
    for (let times = 0; times < 6; times += 1) {
      state.mood = times % 3 === 2 ? 'well' : 'failing';
      await store.take([wanted]);
    }
    expect(asked()).toBe(6);
  });
});

describe('a Redis of its own', async () => {
  const redis = await startRedis();
  if (!redis) process.stderr.write('no redis-server: what happens when Redis goes away is not tested\n');
  afterAll(async () => await redis?.[Symbol.asyncDispose]());

  it.runIf(redis !== undefined)(
    'may freeze, thaw, die and come back empty: limits notice, go on, and come back to it',
    async () => {
      const config = gatewaySchema.parse({ limitStore: { redis: { url: redis?.url } } });
      const faults: unknown[] = [];
      await using limits = await openLimits({ config, now: Date.now, onFault: (fault) => faults.push(fault) });
      const asks = async () => (await limits.shared?.take([{ ...wanted, points: 0 }])) !== undefined;
      await until(asks);
      redis?.freeze();
      await until(async () => !(await asks()));
      redis?.thaw();
      await until(asks);
      await redis?.kill();
      await until(async () => !(await asks()));
      await redis?.restart();
      await until(asks);
      expect(faults.length).toBeGreaterThan(0);
    },
  );
});
