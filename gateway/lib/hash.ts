import { createHash } from 'node:crypto';

/** SHA-256 over the parts in order, as lower-case hex. Lengths are hashed too, so `['ab','c']` and `['a','bc']` differ. */
export function sha256(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(`${typeof part === 'string' ? Buffer.byteLength(part) : part.length}:`);
    hash.update(part);
  }
  return hash.digest('hex');
}

/** SHA-256 of the bytes alone, as lower-case hex: what `sha256sum` says. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
