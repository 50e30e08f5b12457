import { join } from 'node:path';
import type { Environment } from '../config/env.ts';
import { formatFaults } from '../config/faults.ts';
import { GatewayError } from '../errors.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { sha256 } from '../lib/hash.ts';
import { stableStringify } from '../lib/json.ts';
import type { BuildAnswer, BuildJob } from './job.ts';
import { runBuild } from './run-worker.ts';
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
const COMPOSE_VERSION = '4';

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
  const current = privateText !== undefined && headerHash(privateText) === unifiedHash(tree, texts);
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
  options: { all: boolean },
): Promise<BuildAnswer & { result?: Built }> {
  const lock = await readLock(tree.dir);
  const job: BuildJob = {
    dir: tree.dir,
    lock,
    sources: tree.sources.map(({ name, policy, isPolicyKnown, joins, hash }) => {
      // Without what its policy requires, a source would be open to everybody: it is left out.
      const text = isPolicyKnown ? standing.texts.get(name) : undefined;
      const isRead = isPolicyKnown && (options.all || standing.stale.has(name));
      const ingestAs = isRead ? { ingestAs: hash ?? '0'.repeat(64) } : {};
      // Secrets do not cross the thread boundary, and none of them shapes a text.
      const operations = Object.fromEntries(
        Object.entries(policy.operations).map(([field, { headers: _, ...rules }]) => [field, rules]),
      );
      const bare = { ...policy, operations, headers: { forward: [], set: {} } };
      return { name, policy: bare, joins, ...ingestAs, ...(text === undefined ? {} : { text }) };
    }),
  };
  const answer = await runBuild(job, tree.env);
  if (!answer.built) return answer;
  const texts = new Map(answer.built.sources);
  const { privateText, publicText, lock: nextLock } = answer.built;
  return {
    ...answer,
    result: {
      sources: texts,
      publicText,
      lock: nextLock,
      privateText: `# unified ${unifiedHash(tree, texts)}\n${privateText}`,
    },
  };
}

/** Builds the whole tree from its contracts; `write` puts the result under `schemas/`. */
export async function buildTree(options: {
  dir: string;
  env: Environment;
  write: boolean;
}): Promise<{ publicSdl: string; written: string[]; reports: ImportReport[]; built: Built; tree: Tree }> {
  const { dir, env, write } = options;
  const read = await readTree(dir, env);
  if (!read.ok) throw new GatewayError('BAD_REQUEST', { message: formatFaults(read.faults) });
  const broken = read.tree.sources.flatMap(({ name, fault }) =>
    fault === undefined ? [] : [`sources/${name}: ${fault}`],
  );
  if (broken.length > 0) throw new GatewayError('BAD_REQUEST', { message: broken.join('\n') });
  const answer = await buildFrom(read.tree, await readStanding(read.tree), { all: true });
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
  };
}

function unifiedHash(tree: Tree, texts: ReadonlyMap<string, string>): string {
  const parts = tree.sources.flatMap(({ name, joins, policy }) => [
    name,
    texts.get(name) ?? '',
    joins,
    stableStringify([policy.coordinates, policy.defaults ?? {}]),
  ]);
  return sha256([COMPOSE_VERSION, ...parts]);
}

function headerHash(text: string): string | undefined {
  return /^# [^\n]*?([0-9a-f]{64})\n/.exec(text)?.[1];
}
