import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MESHRC } from './meshrc-text.ts';

/** What a copy of a project never needs by link: it has its own, or none. */
const OWN = new Set([MESHRC, 'sources', 'schemas', 'node_modules', '.git', '.tributary', 'dist']);

/**
 * The project again in an empty folder, by links; `schemas/` is copied. `.meshrc.yaml` is left to who asks.
 * @param except sources that are left out
 */
export async function linkTree(dir: string, folder: string, except: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(dir)) if (!OWN.has(name)) await symlink(join(dir, name), join(folder, name));
  await mkdir(join(folder, 'sources'));
  for (const name of await namesIn(join(dir, 'sources'))) {
    if (!except.has(name)) await symlink(join(dir, 'sources', name), join(folder, 'sources', name));
  }
  if ((await namesIn(join(dir, 'schemas'))).length > 0)
    await cp(join(dir, 'schemas'), join(folder, 'schemas'), { recursive: true });
}

export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
