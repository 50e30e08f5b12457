import type { GatewayConfig } from '../config/schema.ts';
import type { Channel } from '../lib/channel.ts';
import { createMemoryStore } from './cache/memory-store.ts';
import type { CacheStore, Mark } from './cache/store.ts';
import { createToldStore } from './cache/told-store.ts';
import { type Breakers, createBreakers } from './chain/breakers.ts';
import type { CallResources } from './open.ts';
import { createUnchanged } from './unchanged.ts';

export type OpenedResources = CallResources & { readonly breakers: Breakers } & AsyncDisposable;

export type ResourcesOptions = {
  readonly config: Pick<GatewayConfig, 'callCache'>;
  readonly now: () => number;
  readonly random: () => number;
  /** Told when the store fails; calls go on without it. */
  readonly onStoreFault: (error: unknown) => void;
  /** To processes that serve beside this one and keep answers of their own; they share Redis without it. */
  readonly marks?: Channel<Mark> | undefined;
};

/**
 * Opens what the rules about calls share and what outlives a generation: the store of answers (Redis where gateway.yaml names one,
 * else this process's memory) and the breakers. ioredis is loaded only when it is used.
 */
export async function openCallResources({
  config,
  now,
  random,
  onStoreFault,
  marks,
}: ResourcesOptions): Promise<OpenedResources> {
  const { maxBytes, unchangedBytes, redis } = config.callCache;
  const store = redis
    ? (await import('./cache/redis-store.ts')).createRedisStore({ ...redis, onFault: onStoreFault })
    : inMemory();
  function inMemory(): CacheStore {
    const own = createMemoryStore({ maxBytes, now });
    return marks ? createToldStore(own, marks) : own;
  }
  return {
    store,
    onStoreFault,
    breakers: createBreakers(),
    unchanged: createUnchanged(unchangedBytes),
    random,
    [Symbol.asyncDispose]: async () => await store[Symbol.asyncDispose]?.(),
  };
}
