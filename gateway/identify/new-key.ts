import { randomBytes } from 'node:crypto';
import type { KeyRecord } from '../config/api-keys.ts';
import { hashKey } from './key-store.ts';

/** Marks keys of the gateway, so that scanners for leaked secrets know one when they see it. */
const PREFIX = 'trb_';
/** As random as the hash that stands for it. */
const BYTES = 32;

/** A key that nobody had before: `trb_` and 43 letters, digits, `-` and `_`. */
export function makeKey(random: (bytes: number) => Buffer = randomBytes): { key: string; hash: string } {
  const key = PREFIX + random(BYTES).toString('base64url');
  return { key, hash: hashKey(key) };
}

/**
 * The record with a secret more. The newest of those it has goes on until `keepUntil`, or until its own end where that is sooner;
 * older ones end at once.
 */
export function rotate(
  record: KeyRecord,
  secret: KeyRecord['secrets'][number],
  { keepUntil }: { keepUntil: number },
): KeyRecord {
  const last = record.secrets.at(-1);
  const kept = last ? [{ ...last, expiresAt: Math.min(last.expiresAt ?? keepUntil, keepUntil) }] : [];
  return { ...record, secrets: [...kept, secret] };
}
