import { openRedis } from '../lib/redis-connection.ts';
import type { RedisSettings } from '../lib/redis-options.ts';
import type { MemoryStore } from './memory-store.ts';
import { openHearing } from './redis-hearing.ts';
import { createRedisStore } from './redis-store.ts';
import type { AnswerStore } from './store.ts';
import { createTieredStore } from './tiered-store.ts';

export type RedisAnswersOptions = {
  readonly redis: RedisSettings & { readonly prefix: string };
  readonly near: MemoryStore;
  readonly maxEntryBytes: number;
  readonly maxKeptMs: number;
  readonly trustMs: number;
  readonly parts: number;
  /** A name that no other replica has. */
  readonly id: string;
  readonly onFault: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** How often a replica makes sure, within the time it trusts what it heard, that it still hears. */
const BEATS = 4;
const PATIENCE = 4;

/** Memory before Redis, kept in step with the other replicas. */
export function openRedisAnswers(options: RedisAnswersOptions): AnswerStore {
  const { redis, near, maxEntryBytes, maxKeptMs, trustMs, parts, id, onFault, now } = options;
  const { prefix, timeoutMs } = redis;
  // How long is waited is decided here, with regard to how busy the process is; the connection only ends what nobody waits for.
  const connection = openRedis({ ...redis, timeoutMs: PATIENCE * timeoutMs }, onFault);
  const channel = `${prefix}dropped`;
  const hearing = openHearing({
    ...{ connection, channel, id, beatMs: trustMs / BEATS },
    ...{ onDropped: near.forget, onFault, now },
  });
  const far = createRedisStore({ connection, prefix, maxEntryBytes, maxKeptMs, parts, channel });
  const tiered = createTieredStore({ near, far, heard: hearing.heard, timeoutMs, trustMs, onFault, now });
  return {
    ...tiered,
    async [Symbol.asyncDispose]() {
      await hearing[Symbol.asyncDispose]();
      await tiered[Symbol.asyncDispose]();
    },
  };
}
