import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Why a file is not read: a part of a sentence whose subject is the file. */
export type FileFault = { reason: 'is no file' | 'is too large' };

/** Bytes that are read at a time: what is done with them holds nobody up. */
const CHUNK_BYTES = 262_144;

/**
 * Gives a regular file to `take` piece by piece, at most `limitBytes` of it.
 *
 * What is no regular file is not waited for: a pipe or a device may never end. A file that grows while it is read is cut off.
 *
 * @param begin told the size before the first piece
 * @returns how many bytes were given, or why none are
 * @throws what the system says when the file is not there or may not be read
 */
export async function streamFile(
  path: string,
  limitBytes: number,
  take: (piece: Uint8Array) => void,
  begin: (bytes: number) => void = () => undefined,
): Promise<number | FileFault> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const facts = await file.stat();
  if (!facts.isFile()) return { reason: 'is no file' };
  if (facts.size > limitBytes) return { reason: 'is too large' };
  begin(facts.size);
  return await give(file, Math.min(facts.size, limitBytes), take);
}

/**
 * The bytes of a regular file of at most `limitBytes`, or why it cannot be had.
 * @throws what the system says when the file is not there or may not be read
 */
export async function readBounded(path: string, limitBytes: number): Promise<Buffer | FileFault> {
  const pieces: Uint8Array[] = [];
  const given = await streamFile(path, limitBytes, (piece) => pieces.push(Uint8Array.from(piece)));
  return typeof given === 'number' ? Buffer.concat(pieces, given) : given;
}

async function give(file: FileHandle, bytes: number, take: (piece: Uint8Array) => void): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes));
  let given = 0;
  while (given < bytes) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, bytes - given), null);
    if (bytesRead === 0) break;
    take(buffer.subarray(0, bytesRead));
    given += bytesRead;
  }
  return given;
}
