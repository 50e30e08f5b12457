import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './launch.ts';

const installLimitMs = 600_000;

export type Manifest = { version?: string; dependencies?: Record<string, string> };

/**
 * Installs a peer's packages into its own folder, exactly as its lock file says; nothing to do when they are there.
 *
 * @param folder of the peer, with `package.json` and `package-lock.json`
 * @throws Error with npm's output when it fails
 */
export async function installPackages(folder: string): Promise<void> {
  const wanted = await installedVersions(folder);
  if (!Object.values(wanted).includes(missing)) return;
  console.log(`installing the packages of ${folder}`);
  await run('npm', ['ci', '--no-audit', '--no-fund'], folder, installLimitMs);
}

const missing = 'not installed';

/** The versions of a peer's own dependencies as they are on the disk. */
export async function installedVersions(folder: string): Promise<Record<string, string>> {
  const { dependencies = {} } = await readManifest(folder);
  const entries = Object.entries(dependencies).map(async ([name, wanted]) => {
    const at = join(folder, 'node_modules', name);
    const version = existsSync(at) ? (await readManifest(at)).version : undefined;
    // Some write a `v` before it.
    return [name, version?.replace(/^v/, '') === wanted ? wanted : missing] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Reads a folder’s package.json. */
export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}
