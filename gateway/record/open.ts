import type { GatewayConfig } from '../config/schema.ts';
import { createMemoryRecords } from './memory-store.ts';
import type { RecordStore } from './store.ts';

export type OpenRecordsOptions = {
  readonly config: GatewayConfig['operations'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when the store fails; operations run without it. */
  readonly onFault: (error: unknown) => void;
};

const DAY_MS = 86_400_000;

/** Opens where operations are recorded; undefined where they are not to be. ioredis is loaded only when it is used. */
export async function openRecords({ config, now, onFault }: OpenRecordsOptions): Promise<RecordStore | undefined> {
  const { record, max, keepDays, redis } = config;
  if (!record) return undefined;
  const limits = { max, keepMs: keepDays * DAY_MS, now };
  if (!redis) return createMemoryRecords(limits);
  const { createRedisRecords } = await import('./redis-store.ts');
  return createRedisRecords({ ...limits, ...redis, onFault });
}
