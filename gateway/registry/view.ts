/** The project as it is served: the working tree with what the registry lays over it, as one folder. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import { type Bundle, decodeBundle } from './bundle.ts';
import { linkTree } from './link-tree.ts';
import { dropEntry, editSources, MESHRC, putEntry } from './meshrc-text.ts';
import { originsOf } from './overlay.ts';
import { LOCK_FILE, PRIVATE_FILE, PUBLIC_FILE } from './schemas.ts';
import type { RegistryEntry, RegistryStore, Revision } from './store/store.ts';
import { entriesOf, treeHashes } from './tree-hash.ts';

/** What the registry says of a source that is served from it. */
export type Registered = { entry: RegistryEntry; bundle: Bundle };

/** A folder that reads like a project; disposing removes it, where it is not the working tree itself. */
export type ProjectView = AsyncDisposable & {
  dir: string;
  /** Whether it is the working tree itself. */
  isTree: boolean;
  /** The registry's revision; 0 for none. */
  revision: number;
  head: Revision | undefined;
  registered: ReadonlyMap<string, Registered>;
  /** Hashes of the working tree's sources that the registry has a word on, and of `asked`. */
  treeHashes: ReadonlyMap<string, string>;
  /** Sources that the working tree has. */
  treeNames: ReadonlySet<string>;
};

/** The unified texts that a revision refers to. */
export type UnifiedTexts = { publicText: string; privateText: string };

/**
 * Opens the project as it stands now. Without anything registered that is the working tree itself.
 *
 * @param asked a source whose hash in the tree is wanted, too
 */
export async function openView(
  dir: string,
  store: RegistryStore | null | undefined,
  asked?: string,
): Promise<ProjectView> {
  const head = await store?.head();
  const meshrc = await readFile(join(dir, MESHRC), 'utf8').catch(() => undefined);
  const entries = entriesOf(meshrc ?? '');
  const named = new Set([...Object.keys(head?.sources ?? {}), ...(asked === undefined ? [] : [asked])]);
  const hashes = await treeHashes(dir, entries, named);
  const origins = originsOf(hashes, head?.sources ?? {});
  const common = { revision: head?.number ?? 0, head, treeHashes: hashes, treeNames: new Set(entries.keys()) };
  const over = [...origins].filter(([, { from }]) => from !== 'tree');
  if (!store || over.length === 0)
    return { ...common, dir, isTree: true, registered: new Map(), [Symbol.asyncDispose]: async () => undefined };
  const registered = new Map<string, Registered>();
  for (const [name, origin] of over) {
    if (origin.from === 'registry')
      registered.set(name, { entry: origin.entry, bundle: await readBundle(store, origin.entry.bundle) });
  }
  const absent = new Set(over.flatMap(([name, { from }]) => (from === 'absent' ? [name] : [])));
  const folder = await mkdtemp(join(tmpdir(), 'tributary-view-'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await linkTree(dir, folder, new Set([...registered.keys(), ...absent]));
    const list = editSources(meshrc ?? 'sources: []\n', (sources, document) => {
      for (const name of absent) dropEntry(sources, name);
      for (const { bundle } of registered.values()) putEntry(sources, document, { ...bundle.entry, name: bundle.name });
    });
    await writeFile(join(folder, MESHRC), list);
    for (const { bundle } of registered.values()) await writeBundle(folder, bundle);
    await writeTexts(folder, registered, absent, await readUnified(store, head));
    return { ...common, dir: folder, isTree: false, registered, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** @throws GatewayError INTERNAL when the registry lacks the bundle or holds another */
export async function readBundle(store: RegistryStore, hash: string): Promise<Bundle> {
  const bytes = await store.getBlob(hash);
  if (bytes) return await decodeBundle(hash, bytes);
  throw new GatewayError('INTERNAL', { cause: new Error(`The registry has no bundle ${hash}.`) });
}

/** Writes the files of a source into `sources/<name>/`. */
export async function writeBundle(dir: string, { name, files }: Pick<Bundle, 'name' | 'files'>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(dir, 'sources', name, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, Buffer.from(content, 'base64'));
  }
}

/** Built texts: the tree's own, the bundles' over them, and what the publisher of the revision united. */
async function writeTexts(
  folder: string,
  registered: ReadonlyMap<string, Registered>,
  absent: ReadonlySet<string>,
  unified: UnifiedTexts | undefined,
): Promise<void> {
  const schemas = join(folder, 'schemas');
  await mkdir(schemas, { recursive: true });
  for (const name of absent) await rm(join(schemas, `${name}.graphql`), { force: true });
  for (const [name, { bundle }] of registered) await writeFile(join(schemas, `${name}.graphql`), bundle.text);
  const lockText = await readFile(join(schemas, LOCK_FILE), 'utf8').catch(() => '{}');
  const lock = readRecord(lockText);
  for (const name of absent) delete lock[name];
  for (const [name, { bundle }] of registered) lock[name] = bundle.names;
  await writeFile(join(schemas, LOCK_FILE), JSON.stringify(lock));
  if (unified === undefined) return;
  await writeFile(join(schemas, PUBLIC_FILE), unified.publicText);
  await writeFile(join(schemas, PRIVATE_FILE), unified.privateText);
}

async function readUnified(store: RegistryStore, head: Revision | undefined): Promise<UnifiedTexts | undefined> {
  const bytes = head?.unified === undefined ? undefined : await store.getBlob(head.unified);
  if (!bytes) return undefined;
  const { publicText, privateText } = readRecord(bytes.toString('utf8'));
  return typeof publicText === 'string' && typeof privateText === 'string' ? { publicText, privateText } : undefined;
}

function readRecord(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
