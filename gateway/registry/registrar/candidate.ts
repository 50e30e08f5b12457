/** What the project would be with one source changed: built beside what serves. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../config/env.ts';
import { loadPolicy } from '../../config/load.ts';
import type { Policy } from '../../config/policy.ts';
import { buildFrom } from '../build.ts';
import type { ContractBuilder } from '../builder.ts';
import type { Bundle } from '../bundle.ts';
import type { BuildAnswer, BuildWishes } from '../job.ts';
import { linkTree } from '../link-tree.ts';
import { dropEntry, editSources, MESHRC, putEntry } from '../meshrc-text.ts';
import { Refusal } from '../refusal.ts';
import type { Built } from '../schemas.ts';
import { readStanding, standingFacts } from '../standing.ts';
import { readTree } from '../tree.ts';
import { readFiles } from './upload.ts';

export type CandidateOptions = {
  /** The project as it is served. */
  base: string;
  env: Environment;
  name: string;
  /** The source as it would be; undefined takes it out. */
  source: { entry: Bundle['entry']; files: ReadonlyMap<string, Buffer> } | undefined;
  wishes: BuildWishes;
  builder: Pick<ContractBuilder, 'limits' | 'build'>;
  maxBytes: number;
};

export type Candidate = { answer: BuildAnswer; built: Built; bundle: Bundle | undefined; policy: Policy | undefined };

/**
 * Builds the project with the change. Sources that fail on their own account do not hold it back.
 * @throws Refusal invalid with everything that is wrong
 */
export async function buildCandidate(options: CandidateOptions): Promise<Candidate> {
  const { base, env, name, source, wishes, builder } = options;
  const dir = await mkdtemp(join(tmpdir(), 'tributary-candidate-'));
  try {
    await linkTree(base, dir, new Set([name]));
    const meshrc = await readFile(join(base, MESHRC), 'utf8').catch(() => 'sources: []\n');
    const list = editSources(meshrc, (sources, document) => {
      if (source) putEntry(sources, document, { ...source.entry, name });
      else dropEntry(sources, name);
    });
    await writeFile(join(dir, MESHRC), list);
    const folder = join(dir, 'sources', name);
    if (source) await writeSource(folder, source.files);
    const read = await readTree(dir, env, new Map(), builder.limits);
    if (!read.ok) throw new Refusal('invalid', read.faults.map(({ message }) => message).join('\n'));
    const policy = source ? await policyOf(dir, env, name) : undefined;
    const standing = await readStanding(standingFacts(read.tree));
    // A report is wanted even where the text would stay as it is.
    if (source) standing.stale.add(name);
    else standing.texts.delete(name);
    const answer = await buildFrom(read.tree, standing, { all: false, wishes, builder });
    const own = answer.failed.find((failed) => failed.source === name);
    if (own) throw new Refusal('invalid', hidden(own.message, dir));
    if (!answer.result) throw new Refusal('invalid', hidden(answer.fault ?? 'The build gave no result.', dir));
    if (answer.joins !== undefined) await writeFile(join(folder, 'joins.graphql'), answer.joins);
    const bundle = source
      ? await bundleOf(name, source.entry, folder, answer, answer.result, options.maxBytes)
      : undefined;
    return { answer, built: answer.result, bundle, policy };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function writeSource(folder: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [path, content] of files) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

async function policyOf(dir: string, env: Environment, source: string): Promise<Policy> {
  const loaded = await loadPolicy({ dir, env, source });
  if (loaded.ok) return loaded.value;
  throw new Refusal(
    'invalid',
    loaded.faults.map(({ file, line, path, message }) => `${file}:${line}: ${path} ${message}`).join('\n'),
    { faults: loaded.faults },
  );
}

async function bundleOf(
  name: string,
  entry: Bundle['entry'],
  folder: string,
  answer: BuildAnswer,
  built: Built,
  maxBytes: number,
): Promise<Bundle> {
  const report = answer.reports.find(({ source }) => source === name);
  const text = built.sources.get(name);
  const names = built.lock[name];
  if (!report || text === undefined || !names) throw new Refusal('invalid', `${name} has nothing that can be served.`);
  const files = await readFiles(folder, maxBytes);
  return {
    name,
    entry,
    files: Object.fromEntries([...files].map(([path, content]) => [path, content.toString('base64')])),
    text,
    names,
    report,
  };
}

/** Where it was built is nobody's business. */
function hidden(message: string, dir: string): string {
  return message.replaceAll(`${dir}/`, '');
}
