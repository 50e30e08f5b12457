/** A change that was judged → a revision: blobs first, then the pointer, by compare-and-set. */
import { contentHashAside } from '../../lib/hash.ts';
import { jsonInTurns } from '../../lib/json-in-turns.ts';
import type { EncodedBundle } from '../bundle.ts';
import type { Built } from '../schemas.ts';
import type { RegistryEntry, RegistryStore, Revision } from '../store/store.ts';

export type Commit = {
  store: RegistryStore;
  head: Revision | undefined;
  at: number;
  by: string;
  what: Revision['what'];
  source: string;
  reason: string | undefined;
  /** The entry as it will be; undefined where the registry has no word on the source any more. */
  entry: RegistryEntry | undefined;
  bundle: EncodedBundle | undefined;
  /** The unified texts with the change; absent where they stay as they are. */
  built: Built | undefined;
};

/** @returns the revision, or undefined when another change came first: then nothing has changed */
export async function commit(change: Commit): Promise<Revision | undefined> {
  const { store, head, source, entry, bundle } = change;
  if (bundle) await store.putBlob(bundle.hash, bundle.bytes);
  const unified = change.built ? await putUnified(store, change.built) : head?.unified;
  const sources: Record<string, RegistryEntry> = { ...head?.sources };
  if (entry) sources[source] = entry;
  else delete sources[source];
  const revision: Revision = {
    number: (head?.number ?? 0) + 1,
    at: change.at,
    by: change.by,
    what: change.what,
    source,
    sources,
    ...(change.reason === undefined ? {} : { reason: change.reason }),
    ...(bundle ? { bundle: bundle.hash } : {}),
    ...(unified === undefined ? {} : { unified }),
  };
  return (await store.append(revision)) ? revision : undefined;
}

async function putUnified(store: RegistryStore, { publicText, privateText }: Built): Promise<string> {
  const bytes = await jsonInTurns({ publicText, privateText });
  const hash = await contentHashAside(bytes);
  await store.putBlob(hash, bytes);
  return hash;
}
