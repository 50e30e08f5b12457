/** What the outcome of a contract means, held against the count that was made without the gateway. */
import type { Fallback, ImportReport, LeftOut, Note } from '../../gateway/ingest/wire.ts';
import type { Count } from './count.ts';
import type { ContractKind } from './files.ts';
import type { JobAnswer, SourceOutcome } from './job.ts';
import type { JobResult } from './run.ts';

/** One contract of the report. */
export type Row = {
  readonly file: string;
  readonly kind: ContractKind;
  /** Whether it was read, its schema is valid and nothing of it is lost. */
  readonly ok: boolean;
  /** Everything that is wrong, a sentence each. */
  readonly faults: readonly string[];
  readonly operations: { readonly total: number; readonly imported: number };
  readonly leftOut: readonly LeftOut[];
  /** Operations of the document that are neither served nor reported. */
  readonly lost: readonly string[];
  readonly fallbacks: readonly Fallback[];
  readonly notes: readonly Note[];
  readonly renamed: ImportReport['renamed'];
  /** What the import's own report gives it, from 0 to 100; undefined where it was not read. */
  readonly score?: number;
  /** Types of its source schema. */
  readonly types: number;
  readonly ms: number;
  /** Largest resident set of the process that read it; undefined where that process did not live to tell. */
  readonly peakMb?: number;
};

/** Operations as counted from the raw document, or why they could not be. */
export type Counted = Count & { readonly fault?: string };

/** A contract without operations is refused when it stands alone; as one that only others import it is fine. */
const NOTHING_TO_SERVE = /\bno (operation|service|method)s?\b/i;

/** The row of a contract that was read alone. */
export function judge(file: string, kind: ContractKind, count: Counted, result: JobResult): Row {
  const none = { leftOut: [], fallbacks: [], notes: [], renamed: [], types: 0 };
  const counted = count.operations;
  const total = counted.length;
  const base = { file, kind, ...none };
  if (!result.ok) {
    const faults = [result.fault, ...(count.fault === undefined ? [] : [count.fault])];
    return { ...base, ok: false, faults, operations: { total, imported: 0 }, lost: counted, ms: result.ms };
  }
  const { answer } = result;
  const { ms, peakMb } = answer;
  const [outcome] = answer.sources;
  const { report } = outcome ?? {};
  if (outcome === undefined || report === undefined) {
    const refused = outcome?.refused ?? 'nothing came back';
    const isFine = total === 0 && count.fault === undefined && NOTHING_TO_SERVE.test(refused);
    const faults = isFine ? [] : [refused, ...(count.fault === undefined ? [] : [count.fault])];
    return { ...base, ok: isFine, faults, operations: { total, imported: 0 }, lost: counted, ms, peakMb };
  }
  const lost = findLost(count, outcome, report);
  const faults = [
    ...(count.fault === undefined ? [] : [`its operations could not be counted: ${count.fault}`]),
    ...faultsOf(answer, outcome),
    ...equationFaults(count, outcome, report),
    ...(lost.length > 0 ? [`lost in silence: ${lost.join(', ')}`] : []),
  ];
  return {
    file,
    kind,
    ok: faults.length === 0,
    faults,
    operations: { total, imported: counted.filter((name) => outcome.served[name] !== undefined).length },
    leftOut: report.leftOut,
    lost,
    fallbacks: report.fallbacks,
    notes: report.notes,
    renamed: report.renamed,
    score: report.score,
    types: report.types,
    ms,
    peakMb,
  };
}

/** A path that leads nowhere is not lost when the report says so, as something left out or as a note. */
function findLost(count: Count, outcome: SourceOutcome, report: ImportReport): string[] {
  const told = new Set(report.leftOut.map(({ operation }) => operation));
  const pointers = [...report.leftOut, ...report.notes].map(({ pointer }) => pointer);
  return [
    ...count.operations.filter((name) => outcome.served[name] === undefined && !told.has(name)),
    ...count.unresolved.filter((path) => !pointers.some((pointer) => pointer.startsWith(pointerOf(path)))),
  ];
}

function pointerOf(path: string): string {
  return `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function faultsOf(answer: JobAnswer, outcome: SourceOutcome): string[] {
  return [
    ...answer.schemaFaults.map((fault) => `its schema is not valid: ${fault}`),
    ...(outcome.unusable === undefined ? [] : [`it cannot be called: ${outcome.unusable}`]),
    ...outcome.clobbered.map((coordinate) => `${coordinate} is not served as the contract has it`),
  ];
}

/** Root fields and reported omissions are all operations, no more and no fewer; what the gateway says of itself has to agree. */
function equationFaults(count: Count, outcome: SourceOutcome, report: ImportReport): string[] {
  const { rootFields, served } = outcome;
  const total = count.operations.length;
  const counted = new Set(count.operations);
  const told = [...new Set(report.leftOut.map(({ operation }) => operation))];
  const leftOut = told.filter((name) => counted.has(name)).length;
  const faults: string[] = [];
  if (rootFields + leftOut !== total)
    faults.push(`${rootFields} root fields and ${leftOut} left out are not the ${total} operations of the document`);
  if (new Set(Object.values(served)).size !== rootFields)
    faults.push(`${rootFields} root fields stand for ${Object.keys(served).length} operations`);
  if (report.operations.imported !== rootFields) faults.push(`it reports ${report.operations.imported} root fields`);
  if (report.operations.total < total) faults.push(`it reports ${report.operations.total} operations in all`);
  return faults;
}

/** What several contracts side by side come to: nothing of one may be missing or changed because of another. */
export function judgeTogether(result: JobResult): { readonly ok: boolean; readonly lines: readonly string[] } {
  if (!result.ok) return { ok: false, lines: [result.fault] };
  const { sources, schemaFaults, shared, types } = result.answer;
  const faults = [
    ...schemaFaults,
    ...sources.flatMap(({ name, refused, unusable, clobbered, report, served }) => [
      ...(refused === undefined ? [] : [`${name}: ${refused}`]),
      ...(unusable === undefined ? [] : [`${name}: ${unusable}`]),
      ...clobbered.map((coordinate) => `${name}: ${coordinate} is not served as the contract has it`),
      ...(report && Object.keys(served).length !== report.operations.imported
        ? [`${name}: ${report.operations.imported} operations, ${Object.keys(served).length} in the unified schema`]
        : []),
    ]),
  ];
  const ok = faults.length === 0;
  const verdict = ok ? 'none clobbered' : `${faults.length} faults`;
  return { ok, lines: [...faults, `${sources.length} contracts, ${types} types, ${shared} names shared: ${verdict}`] };
}
