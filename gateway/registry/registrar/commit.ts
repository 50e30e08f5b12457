/** A change that was judged → a revision: blobs first, then the pointer, by compare-and-set. */
import { hashInTurns } from '../../lib/hash.ts';
import { jsonInTurns } from '../../lib/json-in-turns.ts';
import type { BlobFile } from '../job.ts';
import type { Built } from '../schemas.ts';
import type { RegistryEntry, RegistryStore, Revision } from '../store/store.ts';

/** Bytes for the registry, or a file that holds them, and their SHA-256 in hex. */
export type Blob = { readonly hash: string; readonly bytes: Buffer } | BlobFile;

export type Commit = {
  store: RegistryStore;
  head: Revision | undefined;
  at: number;
  by: string;
  what: Revision['what'];
  source: string;
  reason: string | undefined;
  /** Whether it was made only because somebody forced it. */
  isForced?: boolean;
  /** The entry as it will be; undefined where the registry has no word on the source any more. */
  entry: RegistryEntry | undefined;
  bundle: Blob | undefined;
  /** The unified texts with the change; absent where they stay as they are. */
  unified: Blob | undefined;
};

/** @returns the revision, or undefined when another change came first: then nothing has changed */
export async function commit(change: Commit): Promise<Revision | undefined> {
  const { store, head, source, entry, bundle } = change;
  const unified = change.unified?.hash ?? head?.unified;
  // A change that brings nothing is about what serves, or served. That of the folder is no bundle, and its hash is empty.
  const about = bundle?.hash ?? (entry?.bundle || undefined);
  if (bundle) await put(store, bundle);
  if (change.unified) await put(store, change.unified);
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
    ...(about === undefined ? {} : { bundle: about }),
    ...(entry ? { state: entry.state } : {}),
    ...(change.isForced === true ? { forced: true } : {}),
    ...(unified === undefined ? {} : { unified }),
  };
  return (await store.append(revision)) ? revision : undefined;
}

function put(store: RegistryStore, blob: Blob): Promise<void> {
  return 'file' in blob ? store.putBlobFile(blob.hash, blob.file) : store.putBlob(blob.hash, blob.bytes);
}

/** The unified texts as the registry takes them. */
export async function unifiedBlob({ publicText, privateText }: Built): Promise<Blob> {
  const bytes = await jsonInTurns({ publicText, privateText });
  return { hash: await hashInTurns(bytes), bytes };
}
