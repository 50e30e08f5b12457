/** The report of an import for a person: what came in, how well, and what to look at; `--json` has all of it. */
import type { ImportReport } from '../ingest/wire.ts';
import type { Bounded, Finding } from '../lib/findings.ts';

const SHOWN_LINES = 20;
/** Of what is no fault and could be much. */
const SHOWN_FINDINGS = 5;

export function describeReport(report: ImportReport): string[] {
  const { source, kind, score, operations, types, leftOut, fallbacks, notes, renamed, risks, nameChanges } = report;
  const { total, imported } = operations;
  return [
    `${source} (${kind}): ${imported} of ${total} operations, ${types} types, score ${score}`,
    ...part(
      'Left out:',
      leftOut.map(({ operation, reason }) => `${operation}: ${reason}`),
    ),
    ...part(
      'Served as JSON:',
      fallbacks.map(({ pointer, reason }) => `${pointer}: ${reason}`),
    ),
    ...guesses(report),
    ...part(
      'Notes:',
      notes.map(({ pointer, text }) => `${pointer} ${text}`),
    ),
    ...part(
      'Renamed:',
      renamed.map(({ from, to, reason }) => `${from} is ${to}: ${reason}`),
    ),
    ...part(
      'Of answers that are kept (docs/caching.md):',
      (report.invalidations ?? []).map(({ at, text }) => `${at} ${text}`),
    ),
    ...findings('Shared:', report.shared),
    ...findings('Lists without a limit:', risks?.unboundedLists),
    ...findings('Types without an id:', risks?.missingIds),
    ...findings('One call per key:', risks?.callsPerKey),
    ...findings('New names:', nameChanges?.appeared),
    ...findings('Names that are gone:', nameChanges?.vanished),
    ...findings('Names that changed:', nameChanges?.renamed),
  ];
}

/** Guesses with reasons to doubt them; a GET that is a query needs no line. */
function guesses({ guessed }: ImportReport): string[] {
  const weak = guessed.first.filter((guess) => guess.weak);
  if (weak.length === 0) return [];
  const lines = weak.map(({ field, kind, why }) => `${field} is a ${kind}: ${why}`);
  return [
    ...part('Guessed:', lines, SHOWN_LINES),
    `  operations.<field>.kind in policy.yaml says which it is (${guessed.count} are guessed in all)`,
  ];
}

function findings(title: string, found: Bounded<Finding> | undefined): string[] {
  if (!found || found.count === 0) return [];
  const lines = found.first.map(({ at, text }) => `${at}: ${text}`);
  return part(title, lines, SHOWN_FINDINGS, found.count);
}

function part(title: string, lines: readonly string[], most = SHOWN_LINES, count = lines.length): string[] {
  if (count === 0) return [];
  const shown = lines.slice(0, most).map((line) => `  ${line}`);
  const more = count > shown.length ? [`  and ${count - shown.length} more (--json tells more)`] : [];
  return ['', title, ...shown, ...more];
}
