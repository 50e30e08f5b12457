/** What every store asks of a blob before it takes it in or gives it out. */
import { GatewayError } from '../../errors.ts';
import { hashInTurns } from '../../lib/hash.ts';

/** How long a blob that no revision refers to is kept, in ms: a writer may be about to append the revision that does. */
export const GRACE_MS = 3_600_000;

const HASH = /^[0-9a-f]{64}$/;

export function isHash(text: string): boolean {
  return HASH.test(text);
}

/** @throws GatewayError BAD_REQUEST for what is no SHA-256 in hex: it becomes part of a file's name and of a key */
export function checkHash(hash: string): void {
  if (!isHash(hash))
    throw new GatewayError('BAD_REQUEST', {
      message: 'A bundle is named by its SHA-256: 64 digits, 0 to 9 and a to f.',
    });
}

/** @throws GatewayError BAD_REQUEST for too many bytes */
export function checkLength(length: number, maxBytes: number): void {
  if (length <= maxBytes) return;
  const message = `The bundle has ${length} bytes and may have ${maxBytes}: make the contract smaller, or raise registry.bundleBytes.`;
  throw new GatewayError('BAD_REQUEST', { message, status: 413 });
}

/** @throws GatewayError BAD_REQUEST for too many bytes, INTERNAL for bytes that have another hash */
export async function checkBlob(hash: string, bytes: Buffer, maxBytes: number): Promise<void> {
  checkHash(hash);
  checkLength(bytes.length, maxBytes);
  if ((await hashInTurns(bytes)) !== hash)
    throw new GatewayError('INTERNAL', { cause: new Error(`The bytes to store do not have the hash ${hash}.`) });
}

/** @param place where the store keeps it, for people: `blobs/<hash>` */
export async function verified(hash: string, bytes: Buffer, place: string): Promise<Buffer> {
  if ((await hashInTurns(bytes)) !== hash) throw damaged(place);
  return bytes;
}

/** What is stored is not what was written. It is never passed over in silence: what stands before it is not the truth any more. */
export function damaged(place: string, cause?: unknown): GatewayError {
  const message = `${place} of the registry is damaged: restore it from a copy.`;
  return new GatewayError('INTERNAL', { message, ...(cause !== undefined && { cause }) });
}
