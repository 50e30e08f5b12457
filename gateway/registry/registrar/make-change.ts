/**
 * A change, worked out where nobody is served: what is uploaded is checked and laid over what is there, the project with it is built, and
 * what comes of that is judged. What is large goes into files, the answer is small.
 */
import { link, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../../config/env.ts';
import { GatewayError } from '../../errors.ts';
import { contentHash } from '../../lib/hash.ts';
import { stableStringify } from '../../lib/json.ts';
import { buildHere } from '../build-here.ts';
import { decodeBundle } from '../bundle.ts';
import type { BlobFile, BuildWishes, Progress } from '../job.ts';
import { Refusal } from '../refusal.ts';
import { openView } from '../view.ts';
import { buildCandidate } from './candidate.ts';
import type { ChangeAnswer, ChangeJob, Made } from './change-job.ts';
import { isVouched, vouchFor } from './contract-address.ts';
import { judge } from './gate.ts';
import { prepare } from './prepare.ts';
import { checkRights } from './rights.ts';
import { isSame, policyOf, type Source, sourceOf, standing, treeSource } from './standing.ts';
import { checkUploadedPolicy } from './uploaded-policy.ts';
import { usedVariables } from './used-variables.ts';

type Tell = (news: Progress) => void;

/** @param env what `${…}` of policies and of `.meshrc.yaml` is filled in from */
export async function makeChange(job: ChangeJob, env: Environment, tell: Tell): Promise<ChangeAnswer> {
  try {
    return await make(job, env, tell);
  } catch (error) {
    if (error instanceof Refusal)
      return { refused: { kind: error.kind, message: error.message, details: error.details } };
    if (!(error instanceof GatewayError)) throw error;
    if (error.code === 'BAD_REQUEST') return { refused: { kind: 'invalid', message: error.message, details: {} } };
    return { broken: error.cause instanceof Error ? error.cause.message : error.message };
  }
}

async function make(job: ChangeJob, env: Environment, tell: Tell): Promise<ChangeAnswer> {
  const { name, actor, manner, maxBytes } = job;
  const store = {
    head: async () => job.head,
    copyBlob: (hash: string, file: string) => link(join(job.folder, hash), file).then(() => true),
  };
  await using view = await openView(job.dir, store, { asked: name, unpack: 'here' });
  const before = await standing(view, name, maxBytes);
  const policyBefore = policyOf(before?.files, name, env);
  const builder = buildHere({ limits: job.limits, name, outcomes: new Map(job.outcomes), tell });
  let used: ReturnType<typeof usedVariables> | undefined;
  const others = (): ReturnType<typeof usedVariables> => {
    used ??= usedVariables(view.dir, Object.keys(job.head?.sources ?? {}));
    return used;
  };
  const source = await nextSource(job, before, { env, builder, others });
  if (job.what === 'update' && before && source && isSame(before, source)) return { unchanged: true };
  const wishes = await wishesOf(job, source);
  const options = { base: view.dir, env, name, source, wishes, builder, maxBytes };
  const { answer, built, bundle, policy } = await buildCandidate(options);
  // Who takes a name up again gets the versions and variables that go with it.
  const left = job.head?.sources[name]?.owner;
  const ownersBefore = before ? [policyBefore?.owner] : left === undefined ? [] : [left];
  checkRights(actor, name, [...ownersBefore, ...(source ? [policy?.owner] : [])]);
  if (source && policy) checkUploadedPolicy(actor, policy, source.files);
  const known = before && { policy: policyBefore, isVouched: isVouched(view.registered.get(name)?.entry) };
  const vouching = source && policy && { name, actor, before: known, policy, earlier: earlierWord(job) };
  const stands = vouching && (await vouchFor(vouching, { allowInternal: job.allowInternal, now: Date.now }));
  if (bundle && source?.report) bundle.report = source.report;
  else if (bundle && source) bundle.report.notes.unshift(...source.notes);
  const { impact, proposals = [] } = answer;
  const report = bundle?.report;
  const isUsageKnown = job.operations !== undefined;
  const verdict = judge(manner, { report, impact, isUsageKnown, ...(job.apply ? { apply: job.apply } : {}) });
  const { publicText, privateText } = built;
  const isServed = verdict.applied && manner.dryRun !== true;
  const overTree = view.treeHashes.get(name);
  const owner = source ? policy?.owner : policyBefore?.owner;
  const made: Made = {
    ...(bundle ? { bundle: await putFile(job, bundle) } : {}),
    ...(isServed ? { unified: await putFile(job, { publicText, privateText }) } : {}),
    ...(owner === undefined ? {} : { owner }),
    ...(overTree === undefined ? {} : { overTree }),
    ...(stands === true ? { isVouched: true } : {}),
    verdict,
    ...(report ? { report } : {}),
    ...(impact ? { impact } : {}),
    proposals,
    acceptedJoins: answer.joins === undefined ? [] : proposals.map(({ type, field }) => `${type}.${field}`),
  };
  return { made };
}

/** Whether somebody stands for a version that was made before; undefined for what is made now. */
function earlierWord({ next, head, name }: ChangeJob): boolean | undefined {
  if (next.kind === 'tree') return true;
  if (next.kind !== 'bundle') return undefined;
  const { versions = [], held } = head?.sources[name] ?? {};
  return [...versions, ...(held ? [held] : [])].some((each) => each.bundle === next.hash && each.isVouched === true);
}

type Preparing = {
  env: Environment;
  builder: ReturnType<typeof buildHere>;
  /** Variables that sources use, by source. */
  others: () => Promise<ReadonlyMap<string, ReadonlySet<string>>>;
};

/** @returns undefined for a source that is taken out */
async function nextSource(
  { next, what, name, dir, folder, maxBytes }: ChangeJob,
  before: Source | undefined,
  { env, builder, others }: Preparing,
): Promise<Source | undefined> {
  if (what === 'add' && before)
    throw new Refusal('exists', `There is a source ${name} already: update it, or choose another name.`);
  if (!before && (what === 'update' || what === 'withdraw'))
    throw new Refusal('unknown-source', `There is no source ${name}.`);
  switch (next.kind) {
    case 'nothing':
      return undefined;
    case 'bundle':
      return sourceOf(await decodeBundle(next.hash, await readFile(join(folder, next.hash))));
    case 'tree': {
      const source = await treeSource(dir, name, maxBytes);
      if (source) return source;
      throw new Refusal('unknown-source', `The working tree has no source ${name}: withdraw it instead.`);
    }
    case 'upload':
      return await prepare(name, next.upload, before, {
        env,
        builder,
        maxBytes,
        variables: { ...next.variables, others },
      });
  }
}

async function wishesOf(
  { name, manner, propose, servedFile, operations = [], today }: ChangeJob,
  source: Source | undefined,
): Promise<BuildWishes> {
  return {
    ...(source && propose ? { propose: name } : {}),
    ...(manner.acceptJoins === true ? { acceptJoins: true } : {}),
    ...(manner.keepRemoved === true && source ? { keepRemoved: name, today } : {}),
    ...(servedFile === undefined ? {} : { against: { publicText: await readFile(servedFile, 'utf8'), operations } }),
  };
}

/** Under its hash, as the registry keeps it. */
async function putFile({ folder }: ChangeJob, value: unknown): Promise<BlobFile> {
  const bytes = Buffer.from(stableStringify(value));
  const hash = contentHash(bytes);
  const file = join(folder, hash);
  await writeFile(file, bytes);
  return { hash, file };
}
