import type { Cluster, Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { isRecord } from '../lib/json.ts';
import { createScript, openRedis, plainRedisError } from '../lib/redis-connection.ts';
import type { RedisSettings } from '../lib/redis-options.ts';
import { createMemoryRecords, type MemoryRecordOptions } from './memory-store.ts';
import { minuteOf, type OperationRecord, type RecordStore, recordKey, sortRecords } from './store.ts';

export type RedisRecordOptions = MemoryRecordOptions &
  RedisSettings & {
    /** Stands before every key, so that several gateways may share one Redis. */
    readonly prefix: string;
    /** How often what was noted is sent, in ms (default 5000). */
    readonly flushMs?: number;
    /** Told when Redis fails, without arguments of commands; what could not be sent waits, and is sent again. */
    readonly onFault: (error: Error) => void;
  };

/** Records of one command: a command is a few megabytes at most. */
const BATCH = 100;

/**
 * Lets go of what is too old, takes records up, and lets go of what is too many: at once, and for all replicas alike.
 * KEYS: records, counts, when they were seen. ARGV: oldest minute to keep, most records, ms until all is forgotten, then for each
 * record its key, its text, how often it was seen and when.
 */
const TAKE_UP = `
local function forget(ids)
  for _, id in ipairs(ids) do
    redis.call('HDEL', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
  end
end
forget(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[1]))
for i = 4, #ARGV, 4 do
  local id, seen = ARGV[i], tonumber(ARGV[i + 3])
  redis.call('HSET', KEYS[1], id, ARGV[i + 1])
  redis.call('HINCRBY', KEYS[2], id, ARGV[i + 2])
  local before = tonumber(redis.call('ZSCORE', KEYS[3], id) or '-1')
  if seen > before then redis.call('ZADD', KEYS[3], seen, id) end
end
local over = redis.call('ZCARD', KEYS[3]) - tonumber(ARGV[2])
if over > 0 then forget(redis.call('ZRANGE', KEYS[3], 0, over - 1)) end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[3]) end
`;

/** Keeps the records of all replicas in Redis. They are sent in batches; while Redis is away, this process knows its own. */
export function createRedisRecords(options: RedisRecordOptions): RecordStore {
  const { prefix, max, keepMs, now, flushMs = 5000, onFault } = options;
  const connection = openRedis(options, onFault);
  const { client } = connection;
  const takeUp = createScript(client, TAKE_UP);
  const tell = (error: unknown): void => onFault(plainRedisError(error));
  // One slot of a cluster, since one script writes all three.
  const keys = ['records', 'counts', 'seen'].map((part) => `${prefix}{operations}:${part}`) as [string, string, string];
  const own = createMemoryRecords({ max, keepMs, now });
  const waiting = new LRUCache<string, OperationRecord>({ max });
  let sending: Promise<void> = Promise.resolve();

  function wait(record: OperationRecord): void {
    const key = recordKey(record);
    const known = waiting.get(key);
    const count = record.count + (known?.count ?? 0);
    waiting.set(key, { ...record, count, lastSeen: Math.max(record.lastSeen, known?.lastSeen ?? 0) });
  }

  async function send(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting.entries()].slice(-BATCH);
      for (const [key] of batch) waiting.delete(key);
      try {
        await takeUp(keys, [minuteOf(now() - keepMs), max, keepMs, ...batch.flatMap(argumentsOf)]);
      } catch (error) {
        for (const [, record] of batch) wait(record);
        throw error;
      }
    }
  }

  function flush(): Promise<void> {
    // One at a time; a failure is told once and the next one tries again.
    sending = sending.then(send).catch(tell);
    return sending;
  }

  const timer = setInterval(() => void flush(), flushMs);
  timer.unref();
  return {
    record(seen) {
      own.record(seen);
      wait({ lastSeen: minuteOf(now()), count: 1, ...seen });
    },
    async list() {
      await flush();
      try {
        return await readAll(client, keys, { max, oldest: now() - keepMs });
      } catch (error) {
        tell(error);
        return own.list();
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await flush();
      await connection[Symbol.asyncDispose]();
    },
  };
}

function argumentsOf([key, { lastSeen, count, ...record }]: [string, OperationRecord]): (string | number)[] {
  return [key, JSON.stringify(record), count, lastSeen];
}

async function readAll(
  redis: Redis | Cluster,
  [records, counts, seen]: readonly [string, string, string],
  { max, oldest }: { max: number; oldest: number },
): Promise<OperationRecord[]> {
  const ids = await redis.zrevrangebyscore(seen, '+inf', oldest, 'WITHSCORES', 'LIMIT', 0, max);
  const found: OperationRecord[] = [];
  for (let from = 0; from < ids.length; from += 2 * BATCH) {
    const pairs = ids.slice(from, from + 2 * BATCH);
    const batch = pairs.filter((_, index) => index % 2 === 0);
    const [texts, numbers] = await Promise.all([redis.hmget(records, ...batch), redis.hmget(counts, ...batch)]);
    for (const [index, text] of texts.entries()) {
      const record = readRecord(text, Number(pairs[2 * index + 1]), Number(numbers[index] ?? 0));
      if (record) found.push(record);
    }
  }
  return sortRecords(found);
}

function readRecord(text: string | null, lastSeen: number, count: number): OperationRecord | undefined {
  const value: unknown = text === null ? undefined : JSON.parse(text);
  if (!isRecord(value) || !Array.isArray(value['coordinates'])) return undefined;
  const client = typeof value['client'] === 'string' ? value['client'] : undefined;
  const coordinates = value['coordinates'].map(String);
  return { hash: String(value['hash']), name: String(value['name']), client, lastSeen, count, coordinates };
}
