import { hash } from 'node:crypto';
import type { KeyRecord } from '../config/api-keys.ts';

/**
 * Where API keys are looked up. Keys themselves are nowhere: a store holds their hashes. A plain SHA-256 will do, since keys are random
 * and long (`tributary key create`): nobody finds one by trying, and nobody learns anything from how long a look-up takes.
 */
export type KeyStore = {
  /** The record that has a secret of this hash (`sha256/…`), whether or not it has expired. */
  find(hash: string): KeyRecord | undefined | Promise<KeyRecord | undefined>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** One that can be written to. */
export type WritableKeyStore = KeyStore & {
  /** The record of an id. */
  read(id: string): Promise<KeyRecord | undefined>;
  /** Puts a record in the place of the one with its id; secrets that it has no more are forgotten. */
  put(record: KeyRecord): Promise<void>;
  /** Forgets the record and all its secrets. */
  delete(id: string): Promise<void>;
};

/** The hash that stands for a key. */
export function hashKey(key: string): string {
  return `sha256/${hash('sha256', key, 'hex')}`;
}
