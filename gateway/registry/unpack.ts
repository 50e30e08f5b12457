/** Bundles of the registry → a folder that reads like a project, and the little of them that a serving process knows. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRecord } from '../lib/json.ts';
import { type Bundle, decodeBundle } from './bundle.ts';
import type { BlobFile } from './job.ts';
import { LOCK_FILE, PRIVATE_FILE, PUBLIC_FILE } from './schemas.ts';
import { verified } from './store/blob.ts';

export type Unpacking = {
  /** The folder: the tree by links, with a `schemas/` of its own where it has one. */
  readonly folder: string;
  readonly bundles: readonly BlobFile[];
  /** Sources that are not served. */
  readonly absent: readonly string[];
  /** What the publisher of the revision united: `{ publicText, privateText }` as JSON. */
  readonly unified: BlobFile | undefined;
};

/** What is told of a bundle; its files and texts stand in the folder. */
export type Unpacked = Pick<Bundle, 'name' | 'entry' | 'report'>;

/**
 * Writes files, built texts and names. Whoever serves asks `unpack-aside.ts`: what is large takes its time.
 * @throws GatewayError INTERNAL when bytes are no bundle of their hash
 */
export async function unpack({ folder, bundles, absent, unified }: Unpacking): Promise<Unpacked[]> {
  const schemas = join(folder, 'schemas');
  await mkdir(schemas, { recursive: true });
  const lock = await readLock(schemas);
  for (const name of absent) {
    await rm(join(schemas, `${name}.graphql`), { force: true });
    delete lock[name];
  }
  const unpacked: Unpacked[] = [];
  for (const { hash, file } of bundles) {
    const bundle = await decodeBundle(hash, await readFile(file));
    await writeFiles(join(folder, 'sources', bundle.name), bundle.files);
    await writeFile(join(schemas, `${bundle.name}.graphql`), bundle.text);
    lock[bundle.name] = bundle.names;
    unpacked.push({ name: bundle.name, entry: bundle.entry, report: bundle.report });
  }
  await writeFile(join(schemas, LOCK_FILE), JSON.stringify(lock));
  if (unified) await writeUnified(schemas, unified);
  return unpacked;
}

async function writeFiles(folder: string, files: Bundle['files']): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, Buffer.from(content, 'base64'));
  }
}

async function writeUnified(schemas: string, { hash, file }: BlobFile): Promise<void> {
  const bytes = await verified(hash, await readFile(file), `blobs/${hash}`);
  const { publicText, privateText } = readRecord(bytes.toString('utf8'));
  if (typeof publicText !== 'string' || typeof privateText !== 'string') return;
  await writeFile(join(schemas, PUBLIC_FILE), publicText);
  await writeFile(join(schemas, PRIVATE_FILE), privateText);
}

async function readLock(schemas: string): Promise<Record<string, unknown>> {
  return readRecord(await readFile(join(schemas, LOCK_FILE), 'utf8').catch(() => '{}'));
}

function readRecord(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
