import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Environment } from '../config/env.ts';
import { GatewayError } from '../errors.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { buildTree } from './build.ts';
import type { Builder } from './builder.ts';
import { writeAtomic } from './schemas.ts';

const MESHRC = '.meshrc.yaml';

/** A change of the working tree that is tried beside it first. */
export type Change = {
  dir: string;
  env: Environment;
  source: string;
  /** Writes the source's folder below the staging tree; absent when the source is removed. */
  write?: (folder: string) => Promise<void>;
  /** Changes the list of sources. */
  edit: (sources: YAMLSeq, document: Document) => void;
  dryRun: boolean;
  builder?: Builder | undefined;
};

/**
 * Builds the tree with the change in a folder beside it, and only when that went well changes the tree itself: a contract that
 * cannot be read leaves nothing half-written.
 * @throws GatewayError with what is wrong
 */
export async function applyChange(change: Change): Promise<{ reports: ImportReport[]; written: string[] }> {
  const staging = await mkdtemp(join(tmpdir(), 'tributary-stage-'));
  try {
    await mirror(change.dir, staging, change.source);
    const meshrc = editMeshrc((await readIfThere(join(change.dir, MESHRC))) ?? 'sources: []\n', change.edit);
    await writeAtomic(join(staging, MESHRC), meshrc);
    const folder = join(staging, 'sources', change.source);
    await change.write?.(folder);
    const { reports, written } = await buildTree({
      dir: staging,
      env: change.env,
      write: true,
      builder: change.builder,
    });
    if (!change.dryRun) await adopt(change, staging, meshrc);
    return { reports, written };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The tree again by links, but for what the change touches. */
async function mirror(dir: string, staging: string, source: string): Promise<void> {
  const own = new Set([MESHRC, 'sources', 'schemas', 'node_modules', '.git', 'dist']);
  for (const name of await readdir(dir)) if (!own.has(name)) await symlink(join(dir, name), join(staging, name));
  await mkdir(join(staging, 'sources'));
  for (const name of await namesIn(join(dir, 'sources'))) {
    if (name !== source) await symlink(join(dir, 'sources', name), join(staging, 'sources', name));
  }
  if ((await namesIn(join(dir, 'schemas'))).length > 0)
    await cp(join(dir, 'schemas'), join(staging, 'schemas'), { recursive: true });
}

async function adopt(change: Change, staging: string, meshrc: string): Promise<void> {
  const folder = join(change.dir, 'sources', change.source);
  await mkdir(join(change.dir, 'schemas'), { recursive: true });
  const built = await readdir(join(staging, 'schemas'));
  for (const name of built)
    await writeAtomic(join(change.dir, 'schemas', name), await readFile(join(staging, 'schemas', name), 'utf8'));
  // Folder and list come last and together: a gateway that watches them finds all of the change, or none of it.
  if (change.write) {
    await mkdir(join(change.dir, 'sources'), { recursive: true });
    const arriving = join(change.dir, `.arriving-${change.source}`);
    await rm(arriving, { recursive: true, force: true });
    await cp(join(staging, 'sources', change.source), arriving, { recursive: true });
    await rename(arriving, folder);
  }
  await writeAtomic(join(change.dir, MESHRC), meshrc);
  for (const name of await namesIn(join(change.dir, 'schemas'))) {
    if (name.endsWith('.graphql') && !built.includes(name)) await rm(join(change.dir, 'schemas', name));
  }
  if (!change.write) await rm(folder, { recursive: true, force: true });
}

/** The text with another list of sources; comments and layout stay. */
function editMeshrc(text: string, edit: Change['edit']): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error)
    throw new GatewayError('BAD_REQUEST', { message: `${MESHRC} cannot be read: ${error.message.split('\n')[0]}` });
  const sources = document.get('sources');
  if (!isSeq(sources)) throw new GatewayError('BAD_REQUEST', { message: `${MESHRC} has no list \`sources\`.` });
  // An empty list is written as [] and would stay on one line.
  sources.flow = false;
  edit(sources, document);
  return document.toString({ lineWidth: 0 });
}

/** The entry of a source in the list. */
export function findEntry(sources: YAMLSeq, name: string): YAMLMap | undefined {
  return sources.items.find((item): item is YAMLMap => isMap(item) && item.get('name') === name);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
