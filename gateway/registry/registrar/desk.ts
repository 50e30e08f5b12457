/** A folder for one change: what is handed to a build process, and what comes back. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOfPiece } from '../../lib/hash.ts';

export type Desk = AsyncDisposable & { readonly folder: string };

/** Characters that become bytes in one turn: well below a millisecond. */
const TURN = 262_144;

/** Disposing removes it. */
export async function openDesk(): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-change-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Writes a text of any size: requests are answered in between. */
export async function writeInTurns(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'w');
  for (let at = 0; at < text.length; ) {
    const end = endOfPiece(text, at + TURN);
    await handle.write(text.slice(at, end));
    at = end;
  }
}
