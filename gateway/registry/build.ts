import type { Environment } from '../config/env.ts';
import { formatFaults } from '../config/faults.ts';
import { GatewayError } from '../errors.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { type Builder, type ContractBuilder, createBuilder } from './builder.ts';
import type { BuildAnswer, BuildJob, BuildWishes } from './job.ts';

import { type Built, readLock, writeSchemas } from './schemas.ts';
import { readStanding, type Standing, standingFacts, unifiedHash } from './standing.ts';
import { readTree, type Tree } from './tree.ts';

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
      privateText: `# unified ${await unifiedHash(standingFacts(united), texts)}\n${privateText}`,
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
  const answer = await buildFrom(read.tree, await readStanding(standingFacts(read.tree)), {
    all: true,
    wishes,
    builder,
  });
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
