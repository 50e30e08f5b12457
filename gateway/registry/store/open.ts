import { resolve } from 'node:path';
import type { RegistryConfig } from '../../config/registry.ts';
import { GatewayError } from '../../errors.ts';
import { openFileStore } from './file-store.ts';
import type { RegistryStore } from './store.ts';

export type OpenStoreOptions = {
  /** The project folder. */
  readonly dir: string;
  readonly now: () => number;
  /** Told of what fails beside the calls: connecting, watching, removing what is not kept. */
  readonly onFault: (error: unknown) => void;
};

/**
 * Opens the store that gateway.yaml asks for. One that cannot be reached is opened all the same: its calls reject with
 * REGISTRY_UNAVAILABLE until it can, and who watches it is told then. ioredis is loaded only when it is used.
 */
export async function openStore(
  config: RegistryConfig,
  { dir, now, onFault }: OpenStoreOptions,
): Promise<RegistryStore> {
  const { kind, redis, pollMs, keepRevisions, bundleBytes } = config;
  const common = { pollMs, keepRevisions, maxBlobBytes: bundleBytes, now, onFault };
  if (kind === 'file') return openFileStore({ ...common, dir: resolve(dir, config.dir) });
  if (!redis) throw new GatewayError('INTERNAL', { cause: new Error('registry.redis is needed where kind is redis') });
  const { openRedisStore } = await import('./redis-store.ts');
  return await openRedisStore({ ...common, redis });
}
