/** Where `tributary key` writes records: a file, Redis, or nowhere but the terminal. */
import { readFile } from 'node:fs/promises';
import { isMap, isSeq, parseDocument, stringify } from 'yaml';
import { type KeyRecord, writeRecord } from '../config/api-keys.ts';
import { formatFaults } from '../config/faults.ts';
import { parseKeyFile } from '../config/identity-files.ts';
import { GatewayError } from '../errors.ts';
import type { WritableKeyStore } from '../identify/key-store.ts';
import type { RedisSettings } from '../lib/redis-options.ts';
import { writeAtomic } from '../registry/schemas.ts';

/** Longest time of one command, and of the wait for a connection, in ms: nobody but one person waits for it. */
const REDIS_MS = 5000;

export type KeyPlace = Pick<WritableKeyStore, 'read' | 'put' | 'delete'> & AsyncDisposable;

/** Keys in a file, whose comments and order stay. @throws GatewayError BAD_REQUEST with its faults */
export async function openKeyFile(path: string): Promise<KeyPlace> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return 'keys: []\n';
    throw error;
  });
  const loaded = parseKeyFile({ text, file: path, env: {} });
  if (!loaded.ok) throw new GatewayError('BAD_REQUEST', { message: formatFaults(loaded.faults) });
  const document = parseDocument(text);
  const indexOf = (id: string): number => loaded.value.keys.findIndex((each) => each.id === id);

  function keys() {
    const found = isMap(document.contents) ? document.get('keys') : undefined;
    if (isSeq(found)) {
      // An empty list is written as [] and would stay on one line.
      found.flow = false;
      return found;
    }
    document.set('keys', document.createNode([]));
    return document.get('keys') as Extract<typeof found, object>;
  }
  const write = (): Promise<void> => writeAtomic(path, document.toString({ lineWidth: 0 }));
  return {
    read: async (id) => loaded.value.keys[indexOf(id)],
    async put(record) {
      const list = keys();
      const node = document.createNode(tidy(record));
      if (!isSeq(list)) throw new GatewayError('BAD_REQUEST', { message: `${path}: keys is no list.` });
      if (indexOf(record.id) < 0) list.add(node);
      else list.set(indexOf(record.id), node);
      await write();
    },
    async delete(id) {
      const list = keys();
      if (isSeq(list) && indexOf(id) >= 0) list.delete(indexOf(id));
      await write();
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * Keys in Redis, of which no address and no password is repeated.
 *
 * @throws GatewayError BAD_REQUEST, by each of its functions
 */
export async function openKeyRedis(
  settings: Omit<RedisSettings, 'timeoutMs'> & { readonly prefix: string },
): Promise<KeyPlace> {
  const { createRedisKeys } = await import('../identify/redis-keys.ts');
  const keys = createRedisKeys({ ...settings, timeoutMs: REDIS_MS, now: Date.now, onFault: () => undefined });
  const told = async <Value>(work: Promise<Value>): Promise<Value> => {
    try {
      return await work;
    } catch (cause) {
      throw new GatewayError('BAD_REQUEST', { message: 'Redis did not do it: look at its address and prefix.', cause });
    }
  };
  return {
    read: (id) => told(keys.read(id)),
    put: (record) => told(keys.put(record)),
    delete: (id) => told(keys.delete(id)),
    [Symbol.asyncDispose]: () => keys[Symbol.asyncDispose](),
  };
}

/** A record as a person would write it: without what is empty. */
export function tidy(record: KeyRecord): object {
  return Object.fromEntries(
    Object.entries(writeRecord(record)).filter(([, value]) => {
      if (value === undefined) return false;
      return typeof value !== 'object' || Object.keys(value).length > 0;
    }),
  );
}

/** A record as an entry of `keys`. */
export function asText(record: KeyRecord): string {
  return stringify([tidy(record)], { lineWidth: 0 });
}
