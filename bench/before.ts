import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages, readManifest } from './lib/install.ts';
import { root, run } from './lib/launch.ts';
import { createTributary } from './peers/tributary/peer.ts';
import type { Peer } from './types.ts';

/** The name of the project as it was, among the servers of a run. */
export const before = 'tributary-before';

const gitLimitMs = 60_000;

/**
 * The project as it was at an earlier commit, to be measured beside what it is now. It is laid out below `.cache/`, where git,
 * the compiler and the linter look at nothing, and where it finds the packages of the checkout above it.
 *
 * @param revision whatever git knows a commit by
 * @throws Error when there is no such commit
 */
export async function loadBefore(revision: string): Promise<Peer> {
  const named = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const commit = (await run('git', named, root, gitLimitMs).catch(() => '')).trim();
  if (commit === '') throw new Error(`--before: there is no commit ${revision}`);
  const home = `${join(root, '.cache', 'bench', commit)}/`;
  const peer = createTributary({ name: before, note: `This gateway as it was at ${commit.slice(0, 12)}.`, home });
  return {
    ...peer,
    install: async () => {
      await layOut(commit, home);
      if (!(await hasPackagesAbove(home))) await installPackages(home);
      await peer.install();
    },
  };
}

/** Writes the files of a commit, whole or not at all. */
async function layOut(commit: string, home: string): Promise<void> {
  if (existsSync(home)) return;
  const part = `${home.slice(0, -1)}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  const archive = join(part, 'files.tar');
  await run('git', ['archive', '--output', archive, commit], root, gitLimitMs);
  await run('tar', ['-xf', archive, '-C', part], root, gitLimitMs);
  await rm(archive);
  await rename(part, home);
}

/** Whether what the commit depends on is installed for the checkout around it, at the very versions. */
async function hasPackagesAbove(home: string): Promise<boolean> {
  const { dependencies = {} } = await readManifest(home);
  const found = Object.entries(dependencies).map(async ([name, wanted]) => {
    const at = join(root, 'node_modules', name);
    return existsSync(at) && (await readManifest(at)).version === wanted;
  });
  return !(await Promise.all(found)).includes(false);
}
