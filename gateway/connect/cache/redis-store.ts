import { Redis } from 'ioredis';
import { openRedis } from '../../lib/redis-connection.ts';
import type { RedisSettings } from '../../lib/redis-options.ts';
import type { CacheStore } from './store.ts';

export type RedisStoreOptions = RedisSettings & {
  /** Stands before every key, so that several gateways may share one Redis. */
  prefix: string;
  /** Most bytes of one entry (default 1 MiB). Redis itself bounds the whole (`maxmemory`, `allkeys-lru`). */
  maxEntryBytes?: number;
  /** Told when the connection fails; it is tried again. */
  onFault: (error: Error) => void;
};

/** Keeps answers in Redis, for all replicas of the gateway. Commands fail at once while there is no connection. */
export function createRedisStore(options: RedisStoreOptions): CacheStore {
  const { prefix, maxEntryBytes = 1_048_576, onFault } = options;
  const connection = openRedis(options, onFault);
  const redis = connection.client;
  const named = (key: string): string => `${prefix}${key}`;
  return {
    get: async (keys) => {
      // The keys of a Cluster are on several servers: one command cannot ask for them all.
      const names = keys.map(named);
      const texts =
        redis instanceof Redis ? await redis.mget(names) : await Promise.all(names.map((name) => redis.get(name)));
      return texts.map((text) => text ?? undefined);
    },
    set: async (key, text, ttlMs) => {
      if (ttlMs < 1 || Buffer.byteLength(text) > maxEntryBytes) await redis.del(named(key));
      else await redis.set(named(key), text, 'PX', Math.ceil(ttlMs));
    },
    delete: async (key) => void (await redis.del(named(key))),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
