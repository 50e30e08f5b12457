import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A SHA-256 over parts in order. Lengths are hashed too, so `['ab','c']` and `['a','bc']` differ. */
export type PartsHash = {
  /** One part as a whole. */
  add(part: string | Uint8Array): void;
  /** Begins a part that comes in pieces; they have to come to that many bytes. */
  begin(bytes: number): void;
  piece(piece: Uint8Array): void;
  /** As lower-case hex. */
  digest(): string;
};

/** Characters or bytes that are hashed in one turn: well below a millisecond. */
const TURN = 262_144;

export function createPartsHash(): PartsHash {
  const hash = createHash('sha256');
  const begin = (bytes: number): void => void hash.update(`${bytes}:`);
  return {
    begin,
    piece: (piece) => void hash.update(piece),
    add: (part) => {
      begin(typeof part === 'string' ? Buffer.byteLength(part) : part.length);
      hash.update(part);
    },
    digest: () => hash.digest('hex'),
  };
}

/** SHA-256 over the parts, as lower-case hex. */
export function sha256(parts: readonly (string | Uint8Array)[]): string {
  const hash = createPartsHash();
  for (const part of parts) hash.add(part);
  return hash.digest();
}

/** The same for texts of any size, in many turns of the event loop: requests are answered in between. */
export async function sha256InTurns(parts: readonly string[]): Promise<string> {
  const hash = createPartsHash();
  for (const part of parts) {
    if (part.length <= TURN) {
      hash.add(part);
      continue;
    }
    hash.begin(Buffer.byteLength(part));
    for (let at = 0; at < part.length; ) {
      const end = endOfPiece(part, at + TURN);
      hash.piece(Buffer.from(part.slice(at, end)));
      at = end;
      await nextTurn();
    }
  }
  return hash.digest();
}

/** Never between the halves of a character, which would be other bytes apart than together. */
export function endOfPiece(text: string, end: number): number {
  if (end >= text.length) return text.length;
  const code = text.charCodeAt(end);
  return code >= 0xdc00 && code <= 0xdfff ? end + 1 : end;
}

/** SHA-256 of the bytes alone, as lower-case hex: what `sha256sum` says. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The same for bytes of any size, in many turns of the event loop: requests are answered in between. */
export async function hashInTurns(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += TURN) {
    if (at > 0) await nextTurn();
    hash.update(bytes.subarray(at, at + TURN));
  }
  return hash.digest('hex');
}
