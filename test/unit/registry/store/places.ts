/** Places for the stores of the registry, each with the same ways to look behind the store and to damage what it keeps. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { Secret } from '../../../../gateway/config/secret.ts';
import { contentHash } from '../../../../gateway/lib/hash.ts';
import type { RedisSettings } from '../../../../gateway/lib/redis-options.ts';
import { openFileStore } from '../../../../gateway/registry/store/file-store.ts';
import { openRedisStore } from '../../../../gateway/registry/store/redis-store.ts';
import type { RegistryStore, Revision } from '../../../../gateway/registry/store/store.ts';

export const MAX_BLOB_BYTES = 10_000;

export type StoreSettings = { readonly keepRevisions?: number; readonly now?: () => number };

export type Place = {
  /** What its stores said that failed beside the calls. */
  readonly faults: unknown[];
  open(settings?: StoreSettings): Promise<RegistryStore>;
  /** Hashes of the blobs that take room. */
  blobs(): Promise<string[]>;
  /** Cuts the end of a revision off, as a failing disk does. */
  tearRevision(number: number): Promise<void>;
  /** Changes one letter of what it says. */
  bendRevision(number: number): Promise<void>;
  damageBlob(hash: string): Promise<void>;
  /** What the error of a damaged revision and of a damaged blob has to name. */
  nameOf(number: number): string;
  [Symbol.asyncDispose](): Promise<void>;
};

const common = { pollMs: 20, maxBlobBytes: MAX_BLOB_BYTES };

export async function makeFolderPlace(): Promise<Place> {
  const faults: unknown[] = [];
  const onFault = (fault: unknown): void => void faults.push(fault);
  const root = await mkdtemp(join(tmpdir(), 'tributary-store-'));
  const dir = join(root, 'deep', 'registry');
  const nameOf = (number: number): string => `revisions/${String(number).padStart(12, '0')}.json`;
  const rewrite = async (path: string, change: (text: string) => string): Promise<void> =>
    await writeFile(join(dir, path), change(await readFile(join(dir, path), 'utf8')));
  return {
    faults,
    open: async ({ keepRevisions = 1000, now = Date.now } = {}) =>
      openFileStore({ ...common, onFault, dir, keepRevisions, now, collectEvery: 1 }),
    blobs: async () => [
      ...(await readdir(join(dir, 'blobs'))),
      ...(await readdir(join(dir, 'unused')).catch(() => [])),
    ],
    tearRevision: (number) => rewrite(nameOf(number), (text) => text.slice(0, -20)),
    bendRevision: (number) => rewrite(nameOf(number), bend),
    damageBlob: (hash) => rewrite(join('blobs', hash), () => 'other bytes'),
    nameOf,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** @param at what a configuration says of a Cluster */
export function makeClusterPlace(at: Pick<RedisSettings, 'cluster'>): Promise<Place> {
  return makeRemotePlace(new Cluster([...(at.cluster?.nodes ?? [])]), at);
}

export function makeRedisPlace(url: string): Promise<Place> {
  return makeRemotePlace(new Redis(url), { url: new Secret(url) });
}

async function makeRemotePlace(redis: Redis | Cluster, at: Pick<RedisSettings, 'url' | 'cluster'>): Promise<Place> {
  const prefix = `tributary-test:${randomUUID()}:`;
  const faults: unknown[] = [];
  const onFault = (fault: unknown): void => void faults.push(fault);
  const revisions = `{${prefix}}revisions`;
  const named = `{${prefix}}blob:`;
  const rewrite = async (number: number, change: (text: string) => string): Promise<void> =>
    void (await redis.hset(revisions, String(number), change((await redis.hget(revisions, String(number))) ?? '')));
  // Small databases of tests only: the store itself never lists keys.
  const keys = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const node of redis instanceof Cluster ? redis.nodes('master') : [redis])
      for await (const some of node.scanStream({ match: `{${prefix}}*`, count: 1000 })) found.push(...some);
    return [...new Set(found)];
  };
  return {
    faults,
    open: ({ keepRevisions = 1000, now = Date.now } = {}) =>
      openRedisStore({
        ...common,
        onFault,
        redis: { ...at, prefix, timeoutMs: 5000 },
        keepRevisions,
        now,
      }),
    blobs: async () => (await keys()).filter((key) => key.startsWith(named)).map((key) => key.slice(named.length)),
    tearRevision: (number) => rewrite(number, (text) => text.slice(0, -20)),
    bendRevision: (number) => rewrite(number, bend),
    damageBlob: async (hash) => void (await redis.set(`${named}${hash}`, 'other bytes')),
    nameOf: (number) => `Revision ${number} in Redis`,
    async [Symbol.asyncDispose]() {
      const left = await keys();
      if (left.length > 0) await redis.del(...left);
      redis.disconnect();
    },
  };
}

/** A change of one source and the state after it, of which the tests need little. */
export function makeRevision(number: number, more: Partial<Revision> = {}): Revision {
  return { number, at: number * 1000, by: 'tester', what: 'add', source: 'orders', sources: {}, ...more };
}

/** What a revision says of a source that has these versions, the last of which serves. */
export function makeEntry(...bundles: readonly string[]): Revision['sources'][string] {
  const versions = bundles.map((bundle, index) => ({ version: index + 1, bundle, at: 1000, by: 'tester' }));
  return { bundle: bundles.at(-1) ?? '', version: bundles.length, state: 'active', versions };
}

/** Bytes and their name. */
export function makeBlob(text: string): { readonly hash: string; readonly bytes: Buffer } {
  const bytes = Buffer.from(text);
  return { hash: contentHash(bytes), bytes };
}

function bend(text: string): string {
  return text.replace('"by":"tester"', '"by":"tasted"');
}
