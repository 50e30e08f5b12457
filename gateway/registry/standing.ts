/** What stands under `schemas/`, and how far it is what the working tree would give. */
import { join } from 'node:path';
import { sha256InTurns } from '../lib/hash.ts';
import { stableStringify } from '../lib/json.ts';
import { PRIVATE_FILE, PUBLIC_FILE } from './schemas.ts';
import { readText, type Tree } from './tree.ts';

export type Standing = {
  texts: Map<string, string>;
  /** Sources whose text is not of this contract, policy and lock. */
  stale: Set<string>;
  publicText: string | undefined;
  privateText: string | undefined;
  /** Whether the unified texts are of these source texts, joins and policies. */
  unifiedIsCurrent: boolean;
};

/** The schema that clients see, and the same with its wire mapping. */
export type Unified = { publicText: string; privateText: string };

/** As much of a tree as texts are judged by: no policy, and no secret. */
export type StandingFacts = {
  readonly dir: string;
  readonly sources: readonly {
    readonly name: string;
    /** Hash that its text has to name; absent where the contract cannot be read: then it is taken as unchanged. */
    readonly hash?: string;
    /** What shapes the unified schema beside the text. */
    readonly shaping: readonly string[];
  }[];
};

/** The same standing without its texts, which may be many megabytes. */
export type StandingLook = {
  /** Sources that have a text. */
  readonly names: ReadonlySet<string>;
  readonly stale: ReadonlySet<string>;
  readonly hasUnified: boolean;
  readonly unifiedIsCurrent: boolean;
  /** SHA-256 of the private text in hex, and its length in bytes. */
  readonly privateHash: string;
  readonly privateBytes: number;
};

/** Raised whenever compose would give another text for the same sources. */
const COMPOSE_VERSION = '8';

export function standingFacts({ dir, sources }: Tree): StandingFacts {
  return {
    dir,
    sources: sources.map(({ name, hash, fault, joins, policy: { coordinates, defaults = {} } }) => ({
      name,
      ...(hash === undefined || fault !== undefined ? {} : { hash }),
      shaping: [joins, stableStringify([coordinates, defaults])],
    })),
  };
}

/** Reads `schemas/` and compares it with the tree by the hashes in the headers. A contract that cannot be read is taken as unchanged. */
export async function readStanding({ dir, sources }: StandingFacts): Promise<Standing> {
  const folder = join(dir, 'schemas');
  const texts = new Map<string, string>();
  const stale = new Set<string>();
  for (const { name, hash } of sources) {
    const text = await readText(join(folder, `${name}.graphql`));
    if (text !== undefined) texts.set(name, text);
    const isOther = hash !== undefined && headerHash(text ?? '') !== hash;
    if (text === undefined || isOther) stale.add(name);
  }
  const publicText = await readText(join(folder, PUBLIC_FILE));
  const privateText = await readText(join(folder, PRIVATE_FILE));
  const current = privateText !== undefined && headerHash(privateText) === (await unifiedHash({ dir, sources }, texts));
  return {
    texts,
    stale,
    publicText,
    privateText,
    unifiedIsCurrent: publicText !== undefined && current && stale.size === 0,
  };
}

export async function lookAt(standing: Standing): Promise<StandingLook> {
  const { texts, stale, publicText, privateText, unifiedIsCurrent } = standing;
  return {
    names: new Set(texts.keys()),
    stale,
    hasUnified: publicText !== undefined && privateText !== undefined,
    unifiedIsCurrent,
    privateHash: await sha256InTurns([privateText ?? '']),
    privateBytes: Buffer.byteLength(privateText ?? ''),
  };
}

/** The unified texts as they stand. */
export async function readUnified({ dir }: Pick<StandingFacts, 'dir'>): Promise<Unified> {
  const [publicText = '', privateText = ''] = await Promise.all(
    [PUBLIC_FILE, PRIVATE_FILE].map((file) => readText(join(dir, 'schemas', file))),
  );
  return { publicText, privateText };
}

/** What the unified text names in its header: a hash of all that it is made of. */
export function unifiedHash({ sources }: StandingFacts, texts: ReadonlyMap<string, string>): Promise<string> {
  const parts = sources.flatMap(({ name, shaping }) => [name, texts.get(name) ?? '', ...shaping]);
  return sha256InTurns([COMPOSE_VERSION, ...parts]);
}

function headerHash(text: string): string | undefined {
  // The name of a source has 63 letters at most.
  return /^# [^\n]*?([0-9a-f]{64})\n/.exec(text.slice(0, 200))?.[1];
}
