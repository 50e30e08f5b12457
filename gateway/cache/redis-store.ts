import { createScript, type RedisConnection } from '../lib/redis-connection.ts';
import { BEGIN, DROP, END, GET, SET } from './redis-scripts.ts';
import type { AnswerStore, Fill } from './store.ts';

export type RedisStoreOptions = {
  readonly connection: Pick<RedisConnection, 'client'> & AsyncDisposable;
  /** Stands before every key, so that several gateways may share one Redis. */
  readonly prefix: string;
  /** Most bytes of one answer. Redis itself bounds the whole (`maxmemory`, `allkeys-lru`). */
  readonly maxEntryBytes: number;
  /** Longest time of any answer, in ms: names that were dropped are remembered as long. */
  readonly maxKeptMs: number;
  /** Parts of the store, each in a slot of its own on a Cluster; dropping costs one step in each. */
  readonly parts: number;
  /** Channel that names which were dropped are told on. */
  readonly channel: string;
};

/** Names in one step, and in one message. */
const CHUNK = 500;
/** What outlives every answer, and every fill that may still become one. */
const MARGIN_MS = 120_000;

/**
 * Keeps answers in Redis, for all replicas of the gateway. There is no list of the answers that have a name: a name that is dropped
 * leaves a mark with the time, and an answer that was begun before the mark of one of its names is none. So keeping and dropping
 * cost one write for each name, nothing grows, and an answer that is being made while its name is dropped never gets in.
 */
export function createRedisStore(options: RedisStoreOptions): AnswerStore {
  const { connection, prefix, maxEntryBytes, maxKeptMs, parts, channel } = options;
  const { client } = connection;
  const run = {
    get: createScript(client, GET),
    begin: createScript(client, BEGIN),
    end: createScript(client, END),
    set: createScript(client, SET),
    drop: createScript(client, DROP),
  };
  const markMs = maxKeptMs + MARGIN_MS;
  const partOf = (key: string): string => `${prefix}{${Number.parseInt(key.slice(0, 8), 16) % parts || 0}}:`;
  const answerKey = (key: string): string => `${partOf(key)}a:${key}`;
  const lockKey = (key: string): string => `${partOf(key)}l:${key}`;

  async function dropIn(part: number, tags: readonly string[]): Promise<void> {
    const place = `${prefix}{${part}}:`;
    await run.drop([`${place}clock`], [markMs, `${place}m:`, ...tags]);
  }

  return {
    async get(key) {
      const found = (await run.get([answerKey(key)], [`${partOf(key)}m:`])) as
        | [string, string, string, string, number]
        | null;
      if (!found) return undefined;
      const [text, tags, ttlMs, freshMs, leftMs] = found;
      const heldMs = Math.max(0, Number(ttlMs) - leftMs);
      return { text, tags: tags.split(' '), heldMs, leftMs, freshMs: Math.max(0, Number(freshMs) - heldMs) };
    },
    async begin(key, holder, lockMs): Promise<Fill> {
      const keys = [`${partOf(key)}clock`, lockKey(key)];
      const [stamp, held] = (await run.begin(keys, [holder, lockMs, markMs])) as [string, string];
      return { stamp, holder: held };
    },
    async end(key, holder) {
      await run.end([lockKey(key)], [holder]);
    },
    async set(key, { text, tags, ttlMs, freshMs }, stamp) {
      if (ttlMs < 1 || Buffer.byteLength(text) > maxEntryBytes) {
        await client.del(answerKey(key));
        return false;
      }
      const ttl = Math.ceil(Math.min(ttlMs, maxKeptMs));
      return (await run.set([answerKey(key)], [stamp, tags.join(' '), text, ttl, freshMs, `${partOf(key)}m:`])) === 1;
    },
    async drop(tags) {
      for (let first = 0; first < tags.length; first += CHUNK) {
        const chunk = tags.slice(first, first + CHUNK);
        await Promise.all(Array.from({ length: parts }, (_, part) => dropIn(part, chunk)));
        // The marks come first: who hears of it and asks again finds them.
        await client.publish(channel, chunk.join(' '));
      }
      return true;
    },
    [Symbol.asyncDispose]: async () => await connection[Symbol.asyncDispose](),
  };
}
