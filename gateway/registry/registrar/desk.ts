/** A folder for one change: what is handed to a build process, and what comes back. */
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOfPiece } from '../../lib/hash.ts';
import type { BlobFile } from '../job.ts';
import type { RegistryStore } from '../store/store.ts';
import { readBlob } from '../view.ts';

export type Desk = AsyncDisposable & { readonly folder: string };

/** Characters that become bytes in one turn: well below a millisecond. */
const TURN = 262_144;

/** Disposing removes it. */
export async function openDesk(): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-change-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Puts what the registry keeps under hashes into a folder, each in a file of that name. It is not looked into here.
 * @throws GatewayError INTERNAL for what it lacks
 */
export async function layBlobs(
  store: Pick<RegistryStore, 'getBlob'>,
  hashes: Iterable<string>,
  folder: string,
): Promise<BlobFile[]> {
  const laid: BlobFile[] = [];
  for (const hash of new Set(hashes)) {
    const file = join(folder, hash);
    await writeFile(file, await readBlob(store, hash));
    laid.push({ hash, file });
  }
  return laid;
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
