import { join } from 'node:path';
import type { Environment } from '../config/env.ts';
import { formatFaults } from '../config/faults.ts';
import { GatewayError } from '../errors.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { sha256InTurns } from '../lib/hash.ts';
import { stableStringify } from '../lib/json.ts';
import { type Builder, type ContractBuilder, createBuilder } from './builder.ts';
import type { BuildAnswer, BuildJob, BuildWishes } from './job.ts';

import { type Built, PRIVATE_FILE, PUBLIC_FILE, readLock, writeSchemas } from './schemas.ts';
import { readText, readTree, type Tree } from './tree.ts';

/** What stands under `schemas/`, and how far it is what the working tree would give. */
export type Standing = {
  texts: Map<string, string>;
  /** Sources whose text is not of this contract, policy and lock. */
  stale: Set<string>;
  publicText: string | undefined;
  privateText: string | undefined;
  /** Whether the unified texts are of these source texts, joins and policies. */
  unifiedIsCurrent: boolean;
};

/** Raised whenever compose would give another text for the same sources. */
const COMPOSE_VERSION = '8';

/** Reads `schemas/` and compares it with the tree by the hashes in the headers. A contract that cannot be read is taken as unchanged. */
export async function readStanding(tree: Tree): Promise<Standing> {
  const folder = join(tree.dir, 'schemas');
  const texts = new Map<string, string>();
  const stale = new Set<string>();
  for (const source of tree.sources) {
    const text = await readText(join(folder, `${source.name}.graphql`));
    if (text !== undefined) texts.set(source.name, text);
    const isOther = source.hash !== undefined && source.fault === undefined && headerHash(text ?? '') !== source.hash;
    if (text === undefined || isOther) stale.add(source.name);
  }
  const publicText = await readText(join(folder, PUBLIC_FILE));
  const privateText = await readText(join(folder, PRIVATE_FILE));
  const current = privateText !== undefined && headerHash(privateText) === (await unifiedHash(tree, texts));
  return {
    texts,
    stale,
    publicText,
    privateText,
    unifiedIsCurrent: publicText !== undefined && current && stale.size === 0,
  };
}

/** The job that brings the standing up to the tree: reads what is stale (or all), unites everything. */
export async function buildFrom(
  tree: Tree,
  standing: Standing,
  {
    all,
    wishes = {},
    builder = createBuilder(),
  }: { all: boolean; wishes?: BuildWishes; builder?: Pick<ContractBuilder, 'build'> | undefined },
): Promise<BuildAnswer & { result?: Built }> {
  const lock = await readLock(tree.dir);
  const { keepRemoved: _source, ...rest } = wishes;
  const job: BuildJob = {
    ...rest,
    dir: tree.dir,
    lock,
    sources: tree.sources.map(({ name, policy, isPolicyKnown, joins, hash }) => {
      // Without what its policy requires, a source would be open to everybody: it is left out.
      const text = isPolicyKnown ? standing.texts.get(name) : undefined;
      const isRead = isPolicyKnown && (all || standing.stale.has(name));
      const ingestAs = isRead ? { ingestAs: hash ?? '0'.repeat(64) } : {};
      // Secrets do not cross the thread boundary, and none of them shapes a text.
      const operations = Object.fromEntries(
        Object.entries(policy.operations).map(([field, { headers: _, ...rules }]) => [field, rules]),
      );
      const bare = { ...policy, operations, headers: { forward: [], set: {} } };
      const keeps = wishes.keepRemoved === name ? { keepRemoved: true } : {};
      return { name, policy: bare, joins, ...ingestAs, ...keeps, ...(text === undefined ? {} : { text }) };
    }),
  };
  const answer = await builder.build(job, tree.env);
  if (!answer.built) return answer;
  const texts = new Map(answer.built.sources);
  const { privateText, publicText, lock: nextLock } = answer.built;
  const { joins } = answer;
  const united =
    joins === undefined
      ? tree
      : {
          ...tree,
          sources: tree.sources.map((source) => (source.name === wishes.propose ? { ...source, joins } : source)),
        };
  return {
    ...answer,
    result: {
      sources: texts,
      publicText,
      lock: nextLock,
      privateText: `# unified ${await unifiedHash(united, texts)}\n${privateText}`,
    },
  };
}

/** Builds the whole tree from its contracts; `write` puts the result under `schemas/`. */
export async function buildTree(options: {
  dir: string;
  env: Environment;
  write: boolean;
  wishes?: BuildWishes;
  builder?: Builder | undefined;
}): Promise<{
  publicSdl: string;
  written: string[];
  reports: ImportReport[];
  built: Built;
  tree: Tree;
  answer: BuildAnswer;
}> {
  const { dir, env, write, wishes = {}, builder = createBuilder() } = options;
  const read = await readTree(dir, env, new Map(), builder.limits);
  if (!read.ok) throw new GatewayError('BAD_REQUEST', { message: formatFaults(read.faults) });
  const broken = read.tree.sources.flatMap(({ name, fault }) =>
    fault === undefined ? [] : [`sources/${name}: ${fault}`],
  );
  if (broken.length > 0) throw new GatewayError('BAD_REQUEST', { message: broken.join('\n') });
  const answer = await buildFrom(read.tree, await readStanding(read.tree), { all: true, wishes, builder });
  if (answer.failed.length > 0)
    throw new GatewayError('BAD_REQUEST', {
      message: answer.failed.map(({ source, message }) => `${source}: ${message}`).join('\n'),
    });
  if (!answer.result) throw new GatewayError('BAD_REQUEST', { message: answer.fault ?? 'The build gave no result.' });
  const written = write ? await writeSchemas(dir, answer.result) : [];
  return {
    publicSdl: answer.result.publicText,
    written,
    reports: answer.reports,
    built: answer.result,
    tree: read.tree,
    answer,
  };
}

function unifiedHash(tree: Tree, texts: ReadonlyMap<string, string>): Promise<string> {
  const parts = tree.sources.flatMap(({ name, joins, policy }) => [
    name,
    texts.get(name) ?? '',
    joins,
    stableStringify([policy.coordinates, policy.defaults ?? {}]),
  ]);
  return sha256InTurns([COMPOSE_VERSION, ...parts]);
}

function headerHash(text: string): string | undefined {
  // The name of a source has 63 letters at most.
  return /^# [^\n]*?([0-9a-f]{64})\n/.exec(text.slice(0, 200))?.[1];
}
