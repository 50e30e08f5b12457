/** The project as it is served: the working tree with what the registry lays over it, as one folder. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import type { BlobFile } from './job.ts';
import { linkTree } from './link-tree.ts';
import { dropEntry, editSources, MESHRC, putEntry } from './meshrc-text.ts';
import { originsOf } from './overlay.ts';
import type { RegistryEntry, RegistryStore, Revision } from './store/store.ts';
import { entriesOf, treeHashes } from './tree-hash.ts';
import { type Unpacked, unpack } from './unpack.ts';
import { unpackAside } from './unpack-aside.ts';

/** What the registry says of a source that is served from it; its files stand in the folder. */
export type Registered = { entry: RegistryEntry; bundle: Unpacked };

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

export type ViewOptions = {
  /** A source whose hash in the tree is wanted, too. */
  readonly asked?: string | undefined;
  /** Where bundles are unpacked: `aside` where requests are served. */
  readonly unpack?: 'aside' | 'here';
};

/** What a view is made from. */
export type ViewStore = Pick<RegistryStore, 'head' | 'copyBlob'>;

/** Opens the project as it stands now. Without anything registered that is the working tree itself. */
export async function openView(
  dir: string,
  store: ViewStore | null | undefined,
  { asked, unpack: where = 'aside' }: ViewOptions = {},
): Promise<ProjectView> {
  const head = await store?.head();
  const meshrc = await readFile(join(dir, MESHRC), 'utf8').catch(() => undefined);
  const entries = entriesOf(meshrc ?? '');
  const named = new Set([...Object.keys(head?.sources ?? {}), ...(asked === undefined ? [] : [asked])]);
  const hashes = await treeHashes(dir, entries, named);
  const over = [...originsOf(hashes, head?.sources ?? {})].filter(([, { from }]) => from !== 'tree');
  const common = { revision: head?.number ?? 0, head, treeHashes: hashes, treeNames: new Set(entries.keys()) };
  if (!store || over.length === 0)
    return { ...common, dir, isTree: true, registered: new Map(), [Symbol.asyncDispose]: async () => undefined };
  const known = over.flatMap(([name, origin]) => (origin.from === 'registry' ? [{ name, entry: origin.entry }] : []));
  const absent = over.flatMap(([name, { from }]) => (from === 'absent' ? [name] : []));
  const folder = await mkdtemp(join(tmpdir(), 'tributary-view-'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const blobs = await mkdtemp(join(folder, '.blobs-'));
    const bundles = await layBlobs(
      store,
      known.map(({ entry }) => entry.bundle),
      blobs,
    );
    const unified = head?.unified === undefined ? undefined : await layBlob(store, head.unified, blobs);
    await linkTree(dir, folder, new Set([...known.map(({ name }) => name), ...absent]));
    const unpackThem = where === 'here' ? unpack : unpackAside;
    const unpacked = await unpackThem({ folder, bundles, absent, unified });
    await rm(blobs, { recursive: true });
    const registered = new Map(
      known.flatMap(({ name, entry }, index): [string, Registered][] => {
        const bundle = unpacked[index];
        return bundle ? [[name, { entry, bundle }]] : [];
      }),
    );
    const list = editSources(meshrc ?? 'sources: []\n', (sources, document) => {
      for (const name of absent) dropEntry(sources, name);
      for (const { bundle } of registered.values()) putEntry(sources, document, { ...bundle.entry, name: bundle.name });
    });
    await writeFile(join(folder, MESHRC), list);
    return { ...common, dir: folder, isTree: false, registered, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * Puts what the registry keeps under hashes that its revisions refer to into a folder, each in a file of that name. It is not looked into here.
 * @returns one for each hash
 * @throws GatewayError INTERNAL for what it lacks
 */
export async function layBlobs(
  store: Pick<RegistryStore, 'copyBlob'>,
  hashes: readonly string[],
  folder: string,
): Promise<BlobFile[]> {
  const laid = new Map<string, BlobFile>();
  for (const hash of new Set(hashes)) {
    const blob = await layBlob(store, hash, folder);
    if (!blob) throw new GatewayError('INTERNAL', { cause: new Error(`The registry has no bundle ${hash}.`) });
    laid.set(hash, blob);
  }
  return hashes.flatMap((hash) => laid.get(hash) ?? []);
}

async function layBlob(
  store: Pick<RegistryStore, 'copyBlob'>,
  hash: string,
  folder: string,
): Promise<BlobFile | undefined> {
  const file = join(folder, hash);
  return (await store.copyBlob(hash, file)) ? { hash, file } : undefined;
}
