/** Whole answers that are kept in a Cluster, for tests in which it loses a server. */
import { createHash, randomUUID } from 'node:crypto';
import { createMemoryStore } from '../../gateway/cache/memory-store.ts';
import { openRedisAnswers } from '../../gateway/cache/redis-answers.ts';
import type { RedisGroup } from '../kit/redis-groups.ts';

/** Answers in all parts of the Cluster, each with its own key for a name. */
export function openAnswers(group: RedisGroup) {
  const bounds = { maxEntryBytes: 10_000, maxKeptMs: 60_000 };
  const store = openRedisAnswers({
    redis: { ...group.settings, prefix: `a:${randomUUID()}:`, timeoutMs: 200 },
    near: createMemoryStore({ ...bounds, maxBytes: 1_000_000, now: Date.now }),
    ...{ id: randomUUID(), parts: 16, trustMs: 800, onFault: () => undefined, now: Date.now, ...bounds },
  });
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => createHash('sha256').update(name).digest('hex'));

  async function isKept(key: string): Promise<boolean> {
    const { stamp } = await store.begin(key, 'me', 1000);
    await store.end(key, 'me');
    await store.set(key, { text: key, tags: ['t', key], ttlMs: 60_000, freshMs: 60_000 }, stamp);
    return (await store.get(key))?.text === key;
  }
  const use = async (): Promise<boolean[]> => await Promise.all(keys.map(isKept));
  return {
    store,
    keys,
    use,
    drop: () => store.drop(['t']),
    allKept: async () => (await use()).every(Boolean),
  };
}
