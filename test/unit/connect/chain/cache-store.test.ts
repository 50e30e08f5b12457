import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../../gateway/config/secret.ts';
import { createMemoryStore } from '../../../../gateway/connect/cache/memory-store.ts';
import { createRedisStore } from '../../../../gateway/connect/cache/redis-store.ts';
import type { CacheStore } from '../../../../gateway/connect/cache/store.ts';
import { openRedis } from '../../../../gateway/lib/redis-connection.ts';
import { findRedis, startRedisCluster } from '../../../kit/redis.ts';
import { startMasters } from '../../../kit/redis-groups.ts';
import { findProgram } from '../../../kit/software.ts';
import { until } from '../../../kit/until.ts';

const redisUrl = await findRedis();
const program = findProgram('redis-server', 'redis-server');

const MAX_ENTRY_BYTES = 10_000;

const masters = await startMasters(3);
if (!masters) process.stderr.write('no redis-server: the cache of calls is not tested on a Cluster\n');
afterAll(async () => await masters?.[Symbol.asyncDispose]());

const openAt = (place: object): CacheStore =>
  createRedisStore({
    ...place,
    prefix: `tributary-test:${randomUUID()}:`,
    timeoutMs: 2000,
    maxEntryBytes: MAX_ENTRY_BYTES,
    onFault: fail,
  });

const stores: [name: string, open: () => CacheStore, runs: boolean][] = [
  ['in memory', () => createMemoryStore({ maxEntryBytes: MAX_ENTRY_BYTES, now: Date.now }), true],
  ['on Redis', () => openAt({ url: new Secret(redisUrl ?? '') }), redisUrl !== undefined],
  ['on a Cluster of three', () => openAt(masters?.settings ?? {}), masters !== undefined],
];

describe.each(stores)('a store %s', (_name, open, runs) => {
  let store: CacheStore;
  beforeAll(async () => {
    if (!runs) return;
    store = open();
    await until(async () => (await store.get(['x']).catch(() => undefined)) !== undefined);
  });
  afterAll(async () => {
    if (runs) await store[Symbol.asyncDispose]();
  });

  it.runIf(runs)('gives back what was set, in the order of the keys, and nothing for the rest', async () => {
    await store.set('a', 'ä€😀"\n', 60_000);
    await store.set('b', '', 60_000);
    await store.set('constructor', 'c', 60_000);
    expect(await store.get(['b', 'nothing', 'a', 'constructor', 'a'])).toEqual([
      '',
      undefined,
      'ä€😀"\n',
      'c',
      'ä€😀"\n',
    ]);
    await Promise.all(['a', 'b', 'constructor'].map((key) => store.delete(key)));
  });

  it.runIf(runs)('replaces, and forgets what is deleted', async () => {
    await store.set('a', '1', 60_000);
    await store.set('a', '2', 60_000);
    expect(await store.get(['a'])).toEqual(['2']);
    await store.delete('a');
    await store.delete('a');
    expect(await store.get(['a'])).toEqual([undefined]);
  });

  it.runIf(runs)('forgets by itself when the time is up', async () => {
    await store.set('short', 'x', 30);
    await store.set('long', 'y', 60_000);
    await until(async () => (await store.get(['short']))[0] === undefined);
    expect(await store.get(['long'])).toEqual(['y']);
    await store.set('long', 'z', 0);
    expect(await store.get(['long'])).toEqual([undefined]);
  });

  it.runIf(runs)('does not keep what is too large, nor what stood there before', async () => {
    await store.set('a', 'small', 60_000);
    await store.set('a', 'x'.repeat(MAX_ENTRY_BYTES + 1), 60_000);
    expect(await store.get(['a'])).toEqual([undefined]);
  });
});

it('the store in memory holds no more than its bytes, and drops what was not used for longest', async () => {
  const store = createMemoryStore({ maxBytes: 1000, now: Date.now });
  const names = Array.from({ length: 50 }, (_, index) => `key-${String(index).padStart(2, '0')}`);
  for (const name of names) {
    await store.set(name, 'x'.repeat(44), 60_000);
    await store.get([names[0] ?? '']);
  }
  const left = (await store.get(names)).flatMap((text, index) => (text === undefined ? [] : [index]));
  expect(left).toEqual([0, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
});

it('a Redis that is not there makes commands fail at once', async () => {
  const faults: Error[] = [];
  const url = new Secret('redis://127.0.0.1:1');
  const store = createRedisStore({ url, prefix: 'x:', timeoutMs: 250, onFault: (fault) => faults.push(fault) });
  await expect(store.get(['a'])).rejects.toThrow();
  await until(() => faults.length > 0);
  await expect(store.set('a', 'b', 1000)).rejects.toThrow();
  await store[Symbol.asyncDispose]();
});

it.runIf(program !== undefined)('a Cluster gives answers from all its slots, and forgets there too', async () => {
  await using redis = await startRedisCluster(program ?? '');
  const cluster = { nodes: [{ host: '127.0.0.1', port: redis.port }], tls: false };
  const timeoutMs = 10_000;
  await using first = openRedis({ cluster, timeoutMs }, () => undefined);
  expect(await first.ready()).toBe(true);
  await using store = createRedisStore({ cluster, prefix: 'x:', timeoutMs, onFault: fail });
  await until(() => store.get(['x']).then(Boolean, () => false));
  await Promise.all(['a', 'b', 'c'].map((key) => store.set(key, `${key}!`, 60_000)));
  await store.delete('b');
  expect(await store.get(['c', 'b', 'a'])).toEqual(['c!', undefined, 'a!']);
});

function fail(fault: Error): never {
  throw fault;
}
