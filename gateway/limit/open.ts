import type { GatewayConfig } from '../config/schema.ts';
import { realTimer, type Timer } from '../lib/timer.ts';
import { guardStore } from './guard.ts';
import { createMemoryLimitStore } from './memory-store.ts';
import type { MemoryLimitStore } from './store.ts';
import type { LimitStores } from './taking.ts';

export type OpenLimitsOptions = {
  readonly config: Pick<GatewayConfig, 'limitStore'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly after?: Timer;
  /** In place of this process's memory: where several that serve side by side keep budgets together. */
  readonly local?: MemoryLimitStore | undefined;
  /** Told of each time that Redis does not answer. */
  readonly onFault: (error: unknown) => void;
};

/** Budgets in this process's memory alone. */
export function memoryLimits(options: Pick<OpenLimitsOptions, 'config' | 'now' | 'local'>): LimitStores {
  const { config, now } = options;
  const local = options.local ?? createMemoryLimitStore({ maxKeys: config.limitStore.maxKeys, now });
  return { local, shared: undefined, [Symbol.asyncDispose]: () => local[Symbol.asyncDispose]() };
}

/**
 * Opens what budgets are kept in: Redis where gateway.yaml names one, beside this process's memory. ioredis is loaded only when it is
 * used.
 */
export async function openLimits(options: OpenLimitsOptions): Promise<LimitStores> {
  const { config, now, after = realTimer, onFault } = options;
  const { redis, timeoutMs } = config.limitStore;
  const memory = memoryLimits(options);
  if (redis === undefined) return memory;
  const { createRedisLimitStore } = await import('./redis-store.ts');
  // The guard says when a request has waited enough; the client gives up later, so that its faults are told apart.
  const store = createRedisLimitStore({ ...redis, onFault });
  return {
    local: memory.local,
    shared: guardStore(store, { timeoutMs, now, after, onFault }),
    async [Symbol.asyncDispose]() {
      await Promise.all([memory[Symbol.asyncDispose](), store[Symbol.asyncDispose]()]);
    },
  };
}
