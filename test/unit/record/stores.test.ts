/** Where recorded operations are kept: one contract in memory, on one Redis, on a Cluster of several. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../gateway/config/secret.ts';
import { createMemoryRecords } from '../../../gateway/record/memory-store.ts';
import { createRedisRecords } from '../../../gateway/record/redis-store.ts';
import type { OperationSeen, RecordStore } from '../../../gateway/record/store.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { startMasters } from '../../kit/redis-groups.ts';
import { reaches, redisUrl } from '../../kit/redis-servers.ts';
import { until } from '../../kit/until.ts';

const hasRedis = await reaches(redisUrl);
// Said aloud: a suite that was left out must not look like one that passed.
if (!hasRedis) process.stderr.write(`no Redis at ${redisUrl}: its store of operations is not tested\n`);
const cluster = await startMasters(3);
if (!cluster) process.stderr.write('no redis-server: the store of operations is not tested on a Cluster\n');
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

const single = { url: new Secret(redisUrl) };

const MINUTE_MS = 60_000;
const KEEP_MS = 10 * MINUTE_MS;
const NEVER_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 1);

type Limits = { max?: number; now: () => number };
type Open = (limits: Limits) => Promise<RecordStore>;
const opened: RecordStore[] = [];
const used: (() => Promise<unknown>)[] = [];

async function memory({ max = 100, now }: Limits): Promise<RecordStore> {
  return createMemoryRecords({ max, keepMs: KEEP_MS, now });
}

async function redis(
  { max = 100, now }: Limits,
  prefix = `tributary-test:${randomUUID()}:`,
  flushMs = NEVER_MS,
  place: object = single,
): Promise<RecordStore> {
  const faults: unknown[] = [];
  const options = { max, keepMs: KEEP_MS, now, flushMs, timeoutMs: 5000 };
  const store = createRedisRecords({ ...options, ...place, prefix, onFault: (fault) => faults.push(fault) });
  // Connected once a list is read without a fault.
  await until(async () => {
    faults.length = 0;
    await store.list();
    return faults.length === 0;
  });
  if (place === single) used.push(() => forget(prefix));
  return store;
}

/** Its servers end with the tests, and with them what is kept there. */
const onCluster: Open = (limits) => redis(limits, undefined, undefined, cluster?.settings);

const kinds: [name: string, open: Open, runs: boolean][] = [
  ['in memory', memory, true],
  ['on Redis', redis, hasRedis],
  ['on a Cluster of three', onCluster, cluster !== undefined],
];

afterEach(async () => {
  for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
});
afterAll(async () => {
  for (const clean of used) await clean();
});

function seen(hash: string, more: Partial<OperationSeen> = {}): OperationSeen {
  return { hash, name: 'Op', client: undefined, coordinates: ['Query.a'], ...more };
}

describe.each(kinds)('a store %s', (_name, openStore, runs) => {
  const open: Open = async (limits) => {
    const store = await openStore(limits);
    opened.push(store);
    return store;
  };

  it.runIf(runs)('counts runs, and tells the minute of the last one', async () => {
    const clock = createFakeClock(START_MS);
    const store = await open({ now: clock.now });
    store.record(seen('a', { coordinates: ['Query.a', 'Query.a.x'] }));
    clock.advance(3 * MINUTE_MS + 1234);
    store.record(seen('a', { coordinates: ['Query.a', 'Query.a.x'] }));
    expect(await store.list()).toEqual([
      {
        hash: 'a',
        name: 'Op',
        client: undefined,
        lastSeen: START_MS + 3 * MINUTE_MS,
        count: 2,
        coordinates: ['Query.a', 'Query.a.x'],
      },
    ]);
    store.record(seen('a', { coordinates: ['Query.a'] }));
    expect((await store.list())[0]).toMatchObject({ count: 3 });
  });

  it.runIf(runs)('tells operations, their names and clients apart, seen last first', async () => {
    const clock = createFakeClock(START_MS);
    const store = await open({ now: clock.now });
    for (const one of [seen('a'), seen('b'), seen('a', { name: 'Ä "€\n' }), seen('a', { client: 'web@1' })]) {
      store.record(one);
      clock.advance(MINUTE_MS);
    }
    store.record(seen('b'));
    expect((await store.list()).map(({ hash, name, client, count }) => [hash, name, client, count])).toEqual([
      ['b', 'Op', undefined, 2],
      ['a', 'Op', 'web@1', 1],
      ['a', 'Ä "€\n', undefined, 1],
      ['a', 'Op', undefined, 1],
    ]);
  });

  it.runIf(runs)('keeps no more than so many; those not seen for longest go first', async () => {
    const clock = createFakeClock(START_MS);
    const store = await open({ max: 5, now: clock.now });
    for (let index = 0; index < 12; index += 1) {
      store.record(seen('always'));
      store.record(seen(`n${String(index).padStart(2, '0')}`));
      if (index % 3 === 0) await store.list();
      clock.advance(10_000);
    }
    clock.advance(MINUTE_MS);
    store.record(seen('always'));
    const records = await store.list();
    expect(records).toHaveLength(5);
    expect(records.map(({ hash }) => hash)).toEqual(expect.arrayContaining(['always', 'n11', 'n10']));
    expect(records[0]).toMatchObject({ hash: 'always', count: 13 });
  });

  it.runIf(runs)('forgets what was not seen for long', async () => {
    const clock = createFakeClock(START_MS);
    const store = await open({ now: clock.now });
    store.record(seen('old'));
    await store.list();
    clock.advance(KEEP_MS - MINUTE_MS);
    store.record(seen('young'));
    expect((await store.list()).map(({ hash }) => hash)).toEqual(['young', 'old']);
    clock.advance(2 * MINUTE_MS);
    expect((await store.list()).map(({ hash }) => hash)).toEqual(['young']);
    store.record(seen('old'));
    expect((await store.list())[0]).toMatchObject({ hash: 'old', count: 1 });
  });

  it.runIf(runs)('gives copies: what is done to them changes nothing', async () => {
    const store = await open({ now: () => START_MS });
    store.record(seen('a'));
    const [record] = await store.list();
    Object.assign(record ?? {}, { count: 99 });
    expect((await store.list())[0]).toMatchObject({ count: 1 });
  });
});

describe.runIf(hasRedis)('on Redis', () => {
  it('replicas add up, more than one batch at once, and a restart forgets nothing', async () => {
    const prefix = `tributary-test:${randomUUID()}:`;
    const clock = createFakeClock(START_MS);
    const [first, second] = await Promise.all([
      redis({ max: 1000, now: clock.now }, prefix),
      redis({ max: 1000, now: clock.now }, prefix),
    ]);
    for (let index = 0; index < 250; index += 1) first.record(seen(`n${index}`));
    await first.list();
    clock.advance(-MINUTE_MS);
    second.record(seen('n7'));
    await second[Symbol.asyncDispose]();
    const records = await first.list();
    expect(records).toHaveLength(250);
    expect(records.find(({ hash }) => hash === 'n7')).toMatchObject({ count: 2, lastSeen: START_MS });
    await first[Symbol.asyncDispose]();
    const third = await redis({ max: 1000, now: () => START_MS }, prefix);
    opened.push(third);
    expect(await third.list()).toHaveLength(250);
  });

  it('sends what was noted by itself', async () => {
    const prefix = `tributary-test:${randomUUID()}:`;
    const now = (): number => START_MS;
    const [writer, reader] = await Promise.all([redis({ now }, prefix, 20), redis({ now }, prefix)]);
    opened.push(writer, reader);
    writer.record(seen('a'));
    await until(async () => (await reader.list()).length === 1);
  });
});

it('without a Redis this process knows its own operations, and the fault is told', async () => {
  const faults: unknown[] = [];
  const options = { max: 3, keepMs: KEEP_MS, now: () => START_MS, flushMs: NEVER_MS };
  const store = createRedisRecords({
    ...options,
    url: new Secret('redis://127.0.0.1:1'),
    timeoutMs: 50,
    prefix: 'x:',
    onFault: (fault) => faults.push(fault),
  });
  opened.push(store);
  for (const hash of ['a', 'b', 'a', 'c', 'd', 'd']) store.record(seen(hash));
  const records = await store.list();
  expect(records.map(({ hash, count }) => `${hash} ${count}`).sort()).toEqual(['a 2', 'c 1', 'd 2']);
  expect(faults.length).toBeGreaterThan(0);
});

async function forget(prefix: string): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(redisUrl);
  await client.del(...['records', 'counts', 'seen'].map((part) => `${prefix}{operations}:${part}`));
  client.disconnect();
}
