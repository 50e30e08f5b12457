import { type KeyRecord, keyRecord, writeRecord } from '../config/api-keys.ts';
import { inOneSlot } from '../lib/hash-tag.ts';
import { createScript, openRedis, plainRedisError } from '../lib/redis-connection.ts';
import type { RedisSettings } from '../lib/redis-options.ts';
import type { WritableKeyStore } from './key-store.ts';

export type RedisKeysOptions = RedisSettings & {
  /** Stands before every key; also the hash tag, unless it holds one. */
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when the connection fails; it is tried again. */
  readonly onFault: (error: Error) => void;
};

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

/**
 * Keeps keys in Redis, for all replicas. The first commands wait for the connection, `timeoutMs` at most; later ones fail at once while
 * there is none. Errors hold no arguments of commands.
 */
export function createRedisKeys(options: RedisKeysOptions): WritableKeyStore {
  const { now, onFault } = options;
  const connection = openRedis(options, onFault);
  const { client } = connection;
  const opened = connection.ready();
  const prefix = inOneSlot(options.prefix);
  const run = createScript(client, REPLACE);
  const idKey = (id: string): string => `${prefix}id:${id}`;
  const hashPrefix = `${prefix}hash:`;
  async function get(key: string): Promise<KeyRecord | undefined> {
    await opened;
    return parse(await client.get(key).catch(throwPlain));
  }
  async function replace(id: string, text: string, lives: readonly string[]): Promise<void> {
    await opened;
    await run([idKey(id)], [hashPrefix, text, ...lives]).catch(throwPlain);
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
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

function throwPlain(error: unknown): never {
  throw plainRedisError(error);
}

/** @throws Error for what is no record: somebody else writes under this prefix */
function parse(text: string | null): KeyRecord | undefined {
  if (text === null) return undefined;
  const parsed = keyRecord.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error('a key in Redis is no record of a key', { cause: parsed.error });
  return parsed.data;
}
