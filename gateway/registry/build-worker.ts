import { parentPort, workerData } from 'node:worker_threads';
import type { LockedTypes } from '../compose/collide.ts';
import type { ComposeSource } from '../compose/documents.ts';
import { unify } from '../compose/unify.ts';
import { policySchema } from '../config/policy.ts';
import { GatewayError } from '../errors.ts';
import { ingest } from '../ingest/index.ts';
import type { BuildAnswer, BuildJob, JobSource } from './job.ts';
import type { NamesLock } from './tree.ts';

/** Reads contracts and unites them, off the thread that serves. Text in, text out. */
async function build(job: BuildJob): Promise<BuildAnswer> {
  const answer: BuildAnswer = { reports: [], failed: [] };
  const texts = new Map(job.sources.flatMap(({ name, text }) => (text === undefined ? [] : [[name, text] as const])));
  const operations = new Map<string, Record<string, string>>();
  const wanted = job.sources.flatMap((source) =>
    source.ingestAs === undefined ? [] : [toRequest(source, source.ingestAs, job.lock)],
  );
  const results = wanted.length > 0 ? await ingest(job.dir, wanted, () => undefined) : new Map();
  for (const [name, result] of results) {
    if (result instanceof Error) {
      answer.failed.push({ source: name, message: publicMessage(result), servedByOlder: texts.has(name) });
      continue;
    }
    texts.set(name, result.text);
    operations.set(name, result.names.operations);
    answer.reports.push(result.report);
  }
  const present = job.sources.filter(({ name }) => texts.has(name));
  if (present.length === 0) return { ...answer, fault: 'No source can be served.' };
  const absent = new Set(job.sources.filter(({ name }) => !texts.has(name)).map(({ name }) => name));
  try {
    const unified = unify(
      present.map((source) => toComposeSource(source, texts)),
      lockedTypes(job.lock),
      absent,
    );
    const lock = nextLock(job.lock, operations, unified.names, present);
    for (const renamed of unified.renamed)
      answer.reports.find(({ source }) => source === renamed.source)?.renamed.push(renamed);
    const { publicText, privateText } = unified;
    return {
      ...answer,
      built: { sources: present.map(({ name }) => [name, texts.get(name) ?? '']), publicText, privateText, lock },
    };
  } catch (error) {
    return { ...answer, fault: publicMessage(error) };
  }
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
  const { names, operations, coordinates, defaults, nullability } = policy;
  return policySchema.parse({ names, operations, coordinates, defaults, nullability });
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

parentPort?.postMessage(await build(workerData as BuildJob));
