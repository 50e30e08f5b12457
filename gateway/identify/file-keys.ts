import { readFile, stat } from 'node:fs/promises';
import { formatFaults } from '../config/faults.ts';
import { parseKeyFile } from '../config/identity-files.ts';
import { maxFileBytes } from '../config/parse.ts';
import type { KeyStore } from './key-store.ts';
import { createMemoryKeys } from './memory-keys.ts';

export type FileKeysOptions = {
  readonly path: string;
  /** How often the file is looked at, in ms. */
  readonly refreshMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when the file cannot be read and the keys that were read before go on. */
  readonly onFault: (error: unknown) => void;
};

/**
 * Keys of a file, which is read again when it has changed. It is looked at when somebody asks and the last look was `refreshMs` ago, so
 * that a key that was taken out is refused from then on, however quiet it was in between. A file that cannot be read, or holds
 * faults, changes nothing.
 *
 * Looking up fails while the file could never be read.
 */
export function createFileKeys({ path, refreshMs, now, onFault }: FileKeysOptions): KeyStore {
  let keys: ReturnType<typeof createMemoryKeys> | undefined;
  let version = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  let look: Promise<void> | undefined;

  async function read(): Promise<void> {
    lookedAt = now();
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const seen = `${mtimeMs} ${size} ${ino}`;
      if (seen === version) return;
      if (size > maxFileBytes) throw new Error(`the file of keys is larger than ${maxFileBytes} bytes: use Redis`);
      const loaded = parseKeyFile({ text: await readFile(path, 'utf8'), file: path, env: {} });
      if (!loaded.ok) throw new Error(formatFaults(loaded.faults));
      keys = createMemoryKeys(loaded.value.keys);
      version = seen;
    } catch (error) {
      if (keys === undefined) throw error;
      onFault(error);
    }
  }

  return {
    find(hash) {
      if (keys !== undefined && look === undefined && now() - lookedAt < refreshMs) return keys.find(hash);
      look ??= read().finally(() => {
        look = undefined;
      });
      return look.then(() => keys?.find(hash));
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
