import { Redis } from 'ioredis';
import { type KeyRecord, keyRecord, writeRecord } from '../config/api-keys.ts';
import type { WritableKeyStore } from './key-store.ts';

export type RedisKeysOptions = {
  /** `redis://host:6379/0`, or `rediss://` for TLS. */
  readonly url: string;
  /** Stands before every key. A word in braces in it keeps all keys in one slot of a cluster. */
  readonly prefix: string;
  /** Longest time of one command, in ms (default 250). */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when the connection fails; it is tried again. */
  readonly onFault: (error: Error) => void;
};

/** Longest pause between two attempts to connect, in ms. */
const MAX_PAUSE_MS = 5000;

/**
 * Replaces a record in one step, so that no reader finds it without a secret.
 * KEYS[1] the record of the id. ARGV[1] prefix of hashes, ARGV[2] the record or '' to forget it, then pairs of hash and life in ms
 * (0 for ever).
 */
const REPLACE = `
local old = redis.call('GET', KEYS[1])
if old then
  for _, secret in ipairs(cjson.decode(old).secrets) do redis.call('DEL', ARGV[1] .. secret.hash) end
end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[2])
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '0' then redis.call('SET', ARGV[1] .. ARGV[i], ARGV[2])
  else redis.call('SET', ARGV[1] .. ARGV[i], ARGV[2], 'PX', ARGV[i + 1]) end
end
return 1
`;

/** Keeps keys in Redis, for all replicas. Commands fail at once while there is no connection. */
export function createRedisKeys({ url, prefix, timeoutMs = 250, now, onFault }: RedisKeysOptions): WritableKeyStore {
  const redis = new Redis(url, {
    commandTimeout: timeoutMs,
    connectTimeout: timeoutMs * 4,
    // While it is down every command would wait for the next attempt.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(MAX_PAUSE_MS, 50 * 2 ** Math.min(attempt, 10)),
  });
  redis.on('error', onFault);
  /** The first command waits for the first connection, or for its failure. */
  const opened = new Promise<void>((resolve) => {
    redis
      .once('ready', resolve)
      .once('error', () => resolve())
      .once('end', resolve);
  });
  const idKey = (id: string): string => `${prefix}id:${id}`;
  const hashPrefix = `${prefix}hash:`;
  async function get(key: string): Promise<KeyRecord | undefined> {
    await opened;
    return parse(await redis.get(key));
  }
  async function replace(id: string, text: string, lives: readonly string[]): Promise<void> {
    await opened;
    await redis.eval(REPLACE, 1, idKey(id), hashPrefix, text, ...lives);
  }
  return {
    find: (hash) => get(hashPrefix + hash),
    read: (id) => get(idKey(id)),
    put: async (record) => {
      const lives = record.secrets.flatMap(({ hash, expiresAt }) => {
        if (expiresAt === undefined) return [hash, '0'];
        const leftMs = Math.ceil(expiresAt - now());
        return leftMs > 0 ? [hash, String(leftMs)] : [];
      });
      await replace(record.id, JSON.stringify(writeRecord(record)), lives);
    },
    delete: async (id) => await replace(id, '', []),
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}

/** @throws Error for what is no record: somebody else writes under this prefix */
function parse(text: string | null): KeyRecord | undefined {
  if (text === null) return undefined;
  const parsed = keyRecord.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error('a key in Redis is no record of a key', { cause: parsed.error });
  return parsed.data;
}
