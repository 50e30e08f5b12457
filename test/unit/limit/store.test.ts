/** One contract for every store of budgets: in memory, on one Redis, on a Cluster of several. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../gateway/config/secret.ts';
import { createMemoryLimitStore } from '../../../gateway/limit/memory-store.ts';
import { createRedisLimitStore } from '../../../gateway/limit/redis-store.ts';
import type { LimitStore, WantedLease, WantedPoints } from '../../../gateway/limit/store.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { startMasters } from '../../kit/redis-groups.ts';
import { reaches, redisUrl, say } from '../../kit/redis-servers.ts';
import { until } from '../../kit/until.ts';

const hasRedis = await reaches(redisUrl);
// Said aloud: a suite that was left out must not look like one that passed.
if (!hasRedis) process.stderr.write(`no Redis at ${redisUrl}: its store of budgets is not tested\n`);
const cluster = await startMasters(3);
if (!cluster) process.stderr.write('no redis-server: the store of budgets is not tested on a Cluster\n');
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

const clock = createFakeClock();
const { now } = clock;
const single = { url: new Secret(redisUrl) };
const several = cluster?.settings ?? {};

const onRedis = (place: object) => () =>
  createRedisLimitStore({
    ...place,
    prefix: `tributary-test:${randomUUID()}:`,
    timeoutMs: 5000,
    now,
    onFault: () => undefined,
  });

const stores: [name: string, open: () => LimitStore, runs: boolean][] = [
  ['in memory', () => createMemoryLimitStore({ maxKeys: 1000, now }), true],
  ['on Redis', onRedis(single), hasRedis],
  ['on a Cluster of three', onRedis(several), cluster !== undefined],
];

/** Ten points, one of which comes back every 100 s: the clock stands still, while Redis forgets in time of its own. */
const points = (key: string, wanted: number, more: Partial<WantedPoints> = {}): WantedPoints => ({
  kind: 'points',
  key: `{${key}}:p`,
  points: wanted,
  emissionMs: 100_000,
  depthMs: 1_000_000,
  shadow: false,
  ...more,
});
const lease = (key: string, id: string, more: Partial<WantedLease> = {}): WantedLease => ({
  kind: 'lease',
  key: `{${key}}:l`,
  id,
  max: 2,
  leaseMs: 1_000_000,
  shadow: false,
  ...more,
});

describe.each(stores)('a store of budgets %s', (_name, open, runs) => {
  let store: LimitStore;
  beforeAll(async () => {
    if (!runs) return;
    store = open();
    await until(async () => (await store.take([points('ready', 0)]).catch(() => undefined)) !== undefined);
  });
  afterAll(async () => {
    if (runs) await store[Symbol.asyncDispose]();
  });
  const fits = async (...wanted: Parameters<LimitStore['take']>[0]) =>
    (await store.take(wanted)).map((taken) => taken.fits);

  it.runIf(runs)('gives what there is, and tells how far it is spent', async () => {
    expect(await store.take([points('a', 4)])).toEqual([{ fits: true, used: 400_000 }]);
    expect(await store.take([points('a', 6)])).toEqual([{ fits: true, used: 1_000_000 }]);
    expect(await store.take([points('a', 1)])).toEqual([{ fits: false, used: 1_000_000 }]);
    clock.advance(100_000);
    expect(await store.take([points('a', 1)])).toEqual([{ fits: true, used: 1_000_000 }]);
    clock.advance(5_000_000);
    expect(await store.take([points('a', 10)])).toEqual([{ fits: true, used: 1_000_000 }]);
  });

  it.runIf(runs)('takes all or nothing: what one budget refuses no other one pays', async () => {
    expect(await fits(points('b', 10), lease('b', '1'))).toEqual([true, true]);
    expect(await fits(points('c', 5), points('b', 1), lease('c', '1'))).toEqual([true, false, true]);
    expect(await store.take([points('c', 0), lease('c', '2', { max: 1 })])).toEqual([
      { fits: true, used: 0 },
      { fits: true, used: 1 },
    ]);
  });

  it.runIf(runs)('lets a shadow refuse nobody, and takes nothing from it that it does not have', async () => {
    const shadow = points('d', 8, { shadow: true });
    expect(await fits(shadow, points('e', 1))).toEqual([true, true]);
    expect(await store.take([shadow, points('e', 1)])).toEqual([
      { fits: false, used: 800_000 },
      { fits: true, used: 200_000 },
    ]);
  });

  it.runIf(runs)('takes points back, and takes more than there is when it has to', async () => {
    await store.take([points('f', 10)]);
    await store.settle([{ key: points('f', 0).key, points: -7, emissionMs: 100_000 }]);
    expect(await store.take([points('f', 7)])).toEqual([{ fits: true, used: 1_000_000 }]);
    await store.settle([
      { key: points('f', 0).key, points: 5, emissionMs: 100_000 },
      { key: points('g', 0).key, points: 3, emissionMs: 100_000 },
    ]);
    expect(await store.take([points('f', 0)])).toEqual([{ fits: false, used: 1_500_000 }]);
    expect(await store.take([points('g', 0)])).toEqual([{ fits: true, used: 300_000 }]);
    await store.settle([{ key: points('g', 0).key, points: -30, emissionMs: 100_000 }]);
    expect(await store.take([points('g', 10)])).toEqual([{ fits: true, used: 1_000_000 }]);
  });

  it.runIf(runs)('keeps fractions of points, however often they are taken', async () => {
    for (let times = 0; times < 9; times += 1)
      expect(await fits(points('h', 0.1 + 1 / 3, { emissionMs: 3333.3 }))).toEqual([true]);
    const [taken] = await store.take([points('h', 0, { emissionMs: 3333.3 })]);
    expect(taken?.used).toBeCloseTo(9 * (0.1 + 1 / 3) * 3333.3, 2);
  });

  it.runIf(runs)(
    'gives as many leases as there are, and takes them back when they end, are given back, or die',
    async () => {
      expect(await fits(lease('i', '1'))).toEqual([true]);
      expect(await fits(lease('i', '2'))).toEqual([true]);
      expect(await store.take([lease('i', '3')])).toEqual([{ fits: false, used: 2 }]);
      await store.release([lease('i', '1'), lease('i', 'nobody')]);
      expect(await fits(lease('i', '3'))).toEqual([true]);
      clock.advance(999_999);
      expect(await fits(lease('i', '4'))).toEqual([false]);
      await store.renew([lease('i', '2')]);
      clock.advance(1);
      // The third was not renewed, the second was.
      expect(await store.take([lease('i', '4')])).toEqual([{ fits: true, used: 2 }]);
      expect(await fits(lease('i', '5'))).toEqual([false]);
    },
  );

  it.runIf(runs)('decides one at a time: of many at once exactly as many get through as there are points', async () => {
    const all = await Promise.all(
      Array.from({ length: 50 }, () => fits(points('j', 1), points('k', 1, { depthMs: 100_000_000 }))),
    );
    expect(all.filter(([first]) => first)).toHaveLength(10);
    const after = await store.take([points('k', 0, { depthMs: 100_000_000 })]);
    expect(after).toEqual([{ fits: true, used: 1_000_000 }]);
  });
});

it('a store in memory holds no more keys than it may, and forgets those not used for longest', async () => {
  const store = createMemoryLimitStore({ maxKeys: 3, now });
  for (const key of ['a', 'b', 'c']) await store.take([points(key, 10)]);
  await store.take([points('a', 1)]);
  await store.take([points('d', 10)]);
  const left = await store.take(['a', 'c', 'd'].map((key) => points(key, 1, { shadow: true })));
  expect(left.map(({ fits }) => fits)).toEqual([false, false, false]);
  expect(await store.take([points('b', 10)])).toEqual([{ fits: true, used: 1_000_000 }]);
});

it.runIf(cluster !== undefined)('a Cluster holds nothing for longer than it means something', async () => {
  const ports = (cluster?.servers ?? []).map(({ port }) => port);
  const keys = async (): Promise<number> => {
    const sizes = await Promise.all(ports.map(async (port) => Number((await say(port, 'DBSIZE')).slice(1))));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  for (const port of ports) await say(port, 'FLUSHALL');
  const store = createRedisLimitStore({
    ...several,
    prefix: 'p:',
    timeoutMs: 5000,
    onFault: () => undefined,
  });
  await until(async () => (await store.take([points('ready', 0)]).catch(() => undefined)) !== undefined);
  await store.take([points('a', 1, { emissionMs: 40 }), lease('b', '1', { leaseMs: 40 }), points('c', 1)]);
  await until(async () => (await keys()) === 1);
  await store.settle([{ key: points('c', 1).key, points: -1, emissionMs: 100_000 }]);
  expect(await keys()).toBe(0);
  await store[Symbol.asyncDispose]();
});

it.runIf(cluster !== undefined)('what one part of a Cluster gave goes back when another part fails', async () => {
  const prefix = `${randomUUID()}:`;
  await using store = createRedisLimitStore({ ...several, prefix, timeoutMs: 5000, onFault: () => undefined });
  await until(async () => (await store.take([points('ready', 0)]).catch(() => undefined)) !== undefined);
  // What is no number there fails every script that reads it; servers that do not have the slot say so.
  for (const { port } of cluster?.servers ?? []) await say(port, `RPUSH ${prefix}${points('b', 1).key} x`);
  const seat = lease('c', '1', { max: 2 });
  await expect(store.take([points('a', 4), points('b', 1), seat])).rejects.toThrow('WRONGTYPE');
  const other = lease('c', '2', { max: 3 });
  const standing = async (): Promise<number[]> => {
    const taken = await store.take([points('a', 0), other]);
    await store.release([other]);
    return taken.map(({ used }) => used);
  };
  await until(async () => JSON.stringify(await standing()) === '[0,1]');
  await expect(store.settle([points('a', 1), points('b', 1)])).rejects.toThrow('WRONGTYPE');
});
