/** One change of the registry, as the writers of the proof make it. */
import { randomBytes } from 'node:crypto';
import { contentHash } from '../../gateway/lib/hash.ts';
import { encodeRevision } from '../../gateway/registry/store/revision-text.ts';
import type { RegistryEntry, RegistryStore, Revision } from '../../gateway/registry/store/store.ts';

/** What all stores of the proof are opened with: short enough for trimming and collecting to go on all the time. */
export const settings = { pollMs: 1000, keepRevisions: 500, maxBlobBytes: 1_000_000, collectEvery: 100, graceMs: 5000 };

const SOURCES = 8;
const KEPT_VERSIONS = 5;
/** More than Node writes in one go. */
const LARGE_BYTES = 700_000;

/** Puts a new bundle of one source in place of its last. Gives `<number> <hash>` of the revision, or undefined when another was first. */
export async function makeChange(store: RegistryStore, by: string): Promise<string | undefined> {
  const head = await store.head();
  const number = (head?.number ?? 0) + 1;
  const source = `source-${number % SOURCES}`;
  const bytes = randomBytes(number % 16 === 0 ? LARGE_BYTES : 1 + (number % 1000));
  const bundle = contentHash(bytes);
  // The same again and again, as a unified schema that changes leave as it is.
  const shared = Buffer.from(`unified ${number >> 4}`);
  const unified = contentHash(shared);
  await store.putBlob(bundle, bytes);
  await store.putBlob(unified, shared);
  const before = head?.sources[source];
  const version = (before?.version ?? 0) + 1;
  const versions = [...(before?.versions ?? []), { version, bundle, at: number, by }].slice(-KEPT_VERSIONS);
  const entry: RegistryEntry = { bundle, version, state: 'active', versions };
  const sources = { ...head?.sources, [source]: entry };
  const revision: Revision = { number, at: number, by, what: 'update', source, bundle, unified, sources };
  return (await store.append(revision)) ? `${number} ${encodeRevision(revision).hash}` : undefined;
}
