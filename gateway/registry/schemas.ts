import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, stableStringify } from '../lib/json.ts';
import type { NamesLock } from './tree.ts';
import { readText } from './tree.ts';

export const PUBLIC_FILE = 'unified.graphql';
export const PRIVATE_FILE = 'unified.wired.graphql';
export const LOCK_FILE = 'names.lock.json';

/** What a build brings out, as it stands under `schemas/`. */
export type Built = {
  /** Text by source. */
  sources: Map<string, string>;
  publicText: string;
  privateText: string;
  lock: NamesLock;
};

/** The files of a build by name, as they are written and compared. */
export function filesOf(built: Built): Map<string, string> {
  const files = new Map([...built.sources].map(([name, text]) => [`${name}.graphql`, text]));
  files.set(PUBLIC_FILE, built.publicText);
  files.set(PRIVATE_FILE, built.privateText);
  files.set(LOCK_FILE, `${JSON.stringify(JSON.parse(stableStringify(built.lock)), null, 2)}\n`);
  return files;
}

/** Writes what changed, each file whole or not at all, and removes texts of sources that are gone. */
export async function writeSchemas(dir: string, built: Built): Promise<string[]> {
  const folder = join(dir, 'schemas');
  await mkdir(folder, { recursive: true });
  const files = filesOf(built);
  const written: string[] = [];
  for (const [name, text] of files) {
    if ((await readText(join(folder, name))) === text) continue;
    await writeAtomic(join(folder, name), text);
    written.push(name);
  }
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.graphql') || files.has(name)) continue;
    await rm(join(folder, name));
    written.push(name);
  }
  return written.sort();
}

/** Writes beside the file, syncs, then renames over it: a crash leaves the old text or the new one, never a torn one. */
export async function writeAtomic(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

export async function readLock(dir: string): Promise<NamesLock> {
  const text = await readText(join(dir, 'schemas', LOCK_FILE));
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? (value as NamesLock) : {};
  } catch {
    // A torn or hand-edited lock only loses its memory of names; the drift check shows the difference.
    return {};
  }
}
