import type { KeyRecord } from '../config/api-keys.ts';
import type { WritableKeyStore } from './key-store.ts';

/** Keeps keys in the memory of this process: those of `gateway.yaml`, and those a file held when it was read. */
export function createMemoryKeys(records: readonly KeyRecord[] = []): WritableKeyStore {
  const byId = new Map<string, KeyRecord>();
  const byHash = new Map<string, KeyRecord>();
  function forget(id: string): void {
    for (const { hash } of byId.get(id)?.secrets ?? []) byHash.delete(hash);
    byId.delete(id);
  }
  function keep(record: KeyRecord): void {
    forget(record.id);
    byId.set(record.id, record);
    for (const { hash } of record.secrets) byHash.set(hash, record);
  }
  for (const record of records) keep(record);
  return {
    find: (hash) => byHash.get(hash),
    read: async (id) => byId.get(id),
    put: async (record) => keep(record),
    delete: async (id) => forget(id),
    [Symbol.asyncDispose]: async () => byHash.clear(),
  };
}
