/** Where `tributary key` writes records: a file, Redis, or nowhere but the terminal. */
import { readFile } from 'node:fs/promises';
import { isMap, isSeq, parseDocument, stringify } from 'yaml';
import { type KeyRecord, writeRecord } from '../config/api-keys.ts';
import { formatFaults } from '../config/faults.ts';
import { parseKeyFile } from '../config/identity-files.ts';
import { GatewayError } from '../errors.ts';
import type { WritableKeyStore } from '../identify/key-store.ts';
import { writeAtomic } from '../registry/schemas.ts';

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
