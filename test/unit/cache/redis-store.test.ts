/** What every store of whole answers does, and what memory and Redis have to be held to besides. */
import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRedisStore } from '../../../gateway/cache/redis-store.ts';
import type { Keepable } from '../../../gateway/cache/store.ts';
import { Secret } from '../../../gateway/config/secret.ts';
import { openRedis } from '../../../gateway/lib/redis-connection.ts';
import { findRedis } from '../../kit/redis.ts';
import { until } from '../../kit/until.ts';

const redisUrl = await findRedis();
const bounds = { maxEntryBytes: 10_000, maxKeptMs: 60_000 };

/** One server that has all slots: it refuses what a Cluster of many would. */

const key = (name: string): string => createHash('sha256').update(name).digest('hex');
const kept = (text: string, tags: string[], ttlMs = 60_000, freshMs = ttlMs): Keepable => ({
  text,
  tags,
  ttlMs,
  freshMs,
});

describe.runIf(redisUrl)('the store on Redis', () => {
  it('writes nothing without an end, and no set', async () => {
    const prefix = `tributary-test:${randomUUID()}:`;
    const connection = openRedis({ url: new Secret(redisUrl ?? ''), timeoutMs: 2000 }, fail);
    const store = createRedisStore({ connection, prefix, parts: 2, channel: 'x', ...bounds });
    await until(() => connection.ready());
    const { stamp } = await store.begin(key('a'), 'me', 1000);
    await store.set(key('a'), kept('a', ['t']), stamp);
    await store.drop(['t', 'u']);
    // Looked for by pattern here alone: the prefix is this test's own.
    const keys = await connection.client.keys(`${prefix}*`);
    expect(keys.length).toBeGreaterThanOrEqual(7);
    for (const name of keys) {
      const leftMs = await connection.client.pttl(name);
      expect({ name, bounded: leftMs > 0 && leftMs <= 180_000 }).toEqual({ name, bounded: true });
      expect(['string', 'hash']).toContain(await connection.client.type(name));
    }
    await store[Symbol.asyncDispose]();
  });
});

function fail(fault: unknown): never {
  throw fault;
}
