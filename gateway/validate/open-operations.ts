import type { GatewayConfig } from '../config/schema.ts';
import type { Channel } from '../lib/channel.ts';
import { createMemoryOperationStore } from './memory-operation-store.ts';
import type { OperationStore, Registered } from './operation-store.ts';

export type OpenOperationsOptions = {
  readonly config: Pick<GatewayConfig, 'persistedOperations'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when Redis fails; operations are then known as far as memory has them. */
  readonly onFault: (error: unknown) => void;
  /** To processes that serve beside this one; they share Redis without it. */
  readonly registered?: Channel<Registered> | undefined;
};

/**
 * Opens what registered operations are kept in: this process's memory, with Redis behind it where gateway.yaml names one. ioredis is
 * loaded only when it is used.
 */
export async function openOperations({
  config,
  now,
  onFault,
  registered,
}: OpenOperationsOptions): Promise<OperationStore> {
  const { maxBytes, ttlMs, redis } = config.persistedOperations;
  const memory = createMemoryOperationStore({ maxBytes, ttlMs, now });
  if (redis === undefined) return registered ? toldOf(memory, registered) : memory;
  const { createRedisOperationStore } = await import('./redis-operation-store.ts');
  return inFrontOf(memory, createRedisOperationStore({ ...redis, ttlMs, onFault }), onFault);
}

/** What is registered at one process is known at all. */
function toldOf(own: OperationStore, registered: Channel<Registered>): OperationStore {
  registered.onWord(({ hash, text }) => own.set(hash, text));
  return {
    ...own,
    async set(hash, text) {
      await own.set(hash, text);
      registered.tell({ hash, text });
    },
  };
}

/** The first store is asked first, and takes what the second had. A second that fails is one that has nothing. */
export function inFrontOf(
  first: OperationStore,
  second: OperationStore,
  onFault: (error: unknown) => void,
): OperationStore {
  return {
    async get(hash) {
      const known = await first.get(hash);
      if (known !== undefined) return known;
      const found = await second.get(hash).catch(onFault);
      if (typeof found !== 'string') return undefined;
      await first.set(hash, found);
      return found;
    },
    async set(hash, text) {
      await Promise.all([first.set(hash, text), second.set(hash, text).catch(onFault)]);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
    },
  };
}
