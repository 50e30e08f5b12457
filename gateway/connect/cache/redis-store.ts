import { Redis } from 'ioredis';
import type { CacheStore } from './store.ts';

export type RedisStoreOptions = {
  /** `redis://host:6379/0`, or `rediss://` for TLS. */
  url: string;
  /** Stands before every key, so that several gateways may share one Redis. */
  prefix: string;
  /** Longest time of one command, in ms: a cache that is slower than its source is none (default 250). */
  timeoutMs?: number;
  /** Most bytes of one entry (default 1 MiB). Redis itself bounds the whole (`maxmemory`, `allkeys-lru`). */
  maxEntryBytes?: number;
  /** Told when the connection fails; it is tried again. */
  onFault: (error: Error) => void;
};

/** Longest pause between two attempts to connect, in ms. */
const MAX_PAUSE_MS = 5000;

/** Keeps answers in Redis, for all replicas of the gateway. Commands fail at once while there is no connection. */
export function createRedisStore(options: RedisStoreOptions): CacheStore {
  const { url, prefix, timeoutMs = 250, maxEntryBytes = 1_048_576, onFault } = options;
  const redis = new Redis(url, {
    commandTimeout: timeoutMs,
    connectTimeout: timeoutMs * 4,
    // While it is down every call would wait for its commands to fail.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(MAX_PAUSE_MS, 50 * 2 ** Math.min(attempt, 10)),
  });
  redis.on('error', onFault);
  const named = (key: string): string => `${prefix}${key}`;
  return {
    get: async (keys) => (await redis.mget(keys.map(named))).map((text) => text ?? undefined),
    set: async (key, text, ttlMs) => {
      if (ttlMs < 1 || Buffer.byteLength(text) > maxEntryBytes) await redis.del(named(key));
      else await redis.set(named(key), text, 'PX', Math.ceil(ttlMs));
    },
    delete: async (key) => void (await redis.del(named(key))),
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}
