import { readFile } from 'node:fs/promises';
import { Kind, parse, print } from 'graphql';
import { reportInvalidations } from '../compose/cache/report.ts';
import type { LockedTypes } from '../compose/collide.ts';
import type { ComposeSource } from '../compose/documents.ts';
import { proposeJoins } from '../compose/propose/propose.ts';
import { unify, withoutWire } from '../compose/unify.ts';
import { policySchema } from '../config/policy.ts';
import { GatewayError } from '../errors.ts';
import { type Ingested, ingest } from '../ingest/index.ts';
import { decodeBundle } from './bundle.ts';
import { completeReports } from './complete-reports.ts';
import { impactOf } from './impact.ts';
import type { BlobFile, BuildAnswer, BuildJob, JobSource, Outcome, Progress } from './job.ts';
import { keepRemoved } from './keep/keep-removed.ts';
import type { NamesLock } from './tree.ts';

/** Told what is being done, and what came of a contract. */
type Tell = (news: Progress) => void;

/** Reads contracts and unites them: text in, text out. It is run off the process that serves, by `task.ts`. */
export async function buildSources(job: BuildJob, tell: Tell): Promise<BuildAnswer> {
  const answer: BuildAnswer = { reports: [], failed: [] };
  if (job.compare) {
    const { before, after } = job.compare;
    const [older, newer] = [await textOf(before), await textOf(after)].map(publicSource);
    return { ...answer, impact: await impactOf(older ?? '', newer ?? '', []) };
  }
  const texts = new Map(job.sources.flatMap(({ name, text }) => (text === undefined ? [] : [[name, text] as const])));
  const operations = new Map<string, Record<string, string>>();
  for (const [name, outcome] of await outcomesOf(job, tell)) {
    if ('refused' in outcome) {
      answer.failed.push({ source: name, message: outcome.refused, servedByOlder: texts.has(name) });
      continue;
    }
    texts.set(name, outcome.ingested.text);
    operations.set(name, outcome.ingested.names.operations);
    answer.reports.push(outcome.ingested.report);
  }
  tell({ step: { kind: 'unite' } });
  const present = job.sources.filter(({ name }) => texts.has(name));
  if (present.length === 0) return { ...answer, fault: 'No source can be served.' };
  const absent = new Set(job.sources.filter(({ name }) => !texts.has(name)).map(({ name }) => name));
  try {
    for (const { name, text: older, keepRemoved: keeps = false } of job.sources) {
      const fresh = operations.has(name) ? texts.get(name) : undefined;
      if (keeps && older !== undefined && fresh !== undefined) texts.set(name, keepRemoved(older, fresh, job.today));
    }
    const locked = lockedTypes(job.lock);
    const sources = withProposals(
      job,
      present.map((source) => toComposeSource(source, texts)),
      locked,
      answer,
    );
    const unified = unify(sources, locked, absent);
    const lock = nextLock(job.lock, operations, unified.names, present);
    completeReports(answer.reports, { unified, sources, before: job.lock, lock });
    for (const report of answer.reports)
      report.invalidations = reportInvalidations(unified.invalidations.get(report.source));
    const { publicText, privateText } = unified;
    const impact = job.against && (await impactOf(job.against.publicText, publicText, job.against.operations));
    return {
      ...answer,
      ...(impact ? { impact } : {}),
      built: { sources: present.map(({ name }) => [name, texts.get(name) ?? '']), publicText, privateText, lock },
    };
  } catch (error) {
    return { ...answer, fault: publicMessage(error) };
  }
}

async function textOf({ hash, file }: BlobFile): Promise<string> {
  return (await decodeBundle(hash, await readFile(file))).text;
}

/** The text of a source as its clients would see it, were it alone. */
function publicSource(text: string): string {
  const document = parse(text, { noLocation: true });
  const definitions = document.definitions.filter(
    ({ kind }) => kind !== Kind.SCHEMA_EXTENSION && kind !== Kind.OBJECT_TYPE_EXTENSION,
  );
  return print(withoutWire({ ...document, definitions }));
}

/** Proposes joins where they are wanted, and makes them where they are accepted. */
function withProposals(
  { propose, acceptJoins }: BuildJob,
  sources: ComposeSource[],
  locked: LockedTypes,
  answer: BuildAnswer,
): ComposeSource[] {
  const own = sources.find(({ name }) => name === propose);
  if (!own) return sources;
  const proposals = proposeJoins({ sources, locked, added: own.name });
  answer.proposals = proposals;
  if (acceptJoins !== true || proposals.length === 0) return sources;
  const joins = [own.joins.trimEnd(), ...proposals.map(({ sdl }) => sdl)].join('\n\n').trimStart();
  answer.joins = `${joins}\n`;
  return sources.map((source) => (source === own ? { ...source, joins: `${joins}\n` } : source));
}

/** What comes of every contract that is wanted, in the order of the job; what is known already is not read again. */
async function outcomesOf({ dir, sources, lock, limits }: BuildJob, tell: Tell): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const wanted = sources.flatMap((source) =>
    source.ingestAs === undefined || source.outcome ? [] : [toRequest(source, source.ingestAs, lock)],
  );
  const told = new Set<string>();
  const reading = (source: string): void => {
    // Who dies of the next one need not be read again.
    for (const [name, outcome] of outcomes) if (!told.has(name)) tell({ source: name, outcome });
    for (const name of outcomes.keys()) told.add(name);
    tell({ step: { kind: 'read', source } });
  };
  const read = (name: string, result: Ingested | GatewayError): void =>
    void outcomes.set(name, result instanceof Error ? { refused: publicMessage(result) } : { ingested: result });
  if (wanted.length > 0) await ingest(dir, wanted, { limits, reading, read });
  return new Map(
    sources.flatMap(({ name, outcome: known }) => {
      const outcome = known ?? outcomes.get(name);
      return outcome ? [[name, outcome] as const] : [];
    }),
  );
}

function toRequest(source: JobSource, hash: string, lock: NamesLock): Parameters<typeof ingest>[1][number] {
  const operations = lock[source.name]?.operations;
  return { name: source.name, hash, policy: revive(source), ...(operations ? { locked: { operations } } : {}) };
}

function toComposeSource(source: JobSource, texts: ReadonlyMap<string, string>): ComposeSource {
  return { name: source.name, text: texts.get(source.name) ?? '', policy: revive(source), joins: source.joins };
}

/** @throws when it is no policy any more: without what it requires, a source would be open to everybody */
function revive({ policy }: JobSource): JobSource['policy'] {
  const { names, operations, coordinates, defaults, nullability, include, exclude } = policy;
  return policySchema.parse({ names, operations, coordinates, defaults, nullability, include, exclude });
}

function lockedTypes(lock: NamesLock): LockedTypes {
  return new Map(Object.entries(lock).map(([name, { types, fields }]) => [name, { types, fields }]));
}

function nextLock(
  before: NamesLock,
  operations: ReadonlyMap<string, Record<string, string>>,
  names: ReturnType<typeof unify>['names'],
  sources: readonly JobSource[],
): NamesLock {
  return Object.fromEntries(
    sources.map(({ name }) => [
      name,
      {
        operations: operations.get(name) ?? before[name]?.operations ?? {},
        types: Object.fromEntries(names.types.get(name) ?? []),
        fields: Object.fromEntries(names.fields.get(name) ?? []),
      },
    ]),
  );
}

function publicMessage(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  return error instanceof Error ? (error.message.split('\n')[0] ?? 'unknown fault') : String(error);
}
