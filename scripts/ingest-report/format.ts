import type { Row } from './judge.ts';

const SHOWN = 10;

/** The rows as a table, then whatever is wrong with or left out of each. */
export function formatRows(rows: readonly Row[]): string {
  const head = ['file', 'operations', 'left out', 'lost', 'types', 'ms', 'peak MB', 'JSON', 'notes', 'score', ''];
  const cells = rows.map((row) => [
    row.file,
    `${row.operations.imported}/${row.operations.total}`,
    String(row.leftOut.length),
    String(row.lost.length),
    String(row.types),
    String(row.ms),
    row.peakMb === undefined ? '-' : String(row.peakMb),
    String(row.fallbacks.length),
    String(row.notes.length),
    String(row.score ?? '-'),
    row.ok ? 'ok' : 'FAILED',
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...cells].map((line) => line[at]?.length ?? 0)));
  const lines = [head, ...cells].map((line) =>
    line
      .map((cell, at) =>
        at === 0 || at === line.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...rows.flatMap(details)].join('\n');
}

function details(row: Row): string[] {
  const lines = [
    ...limited(row.faults),
    ...limited(row.leftOut.map(({ operation, pointer, reason }) => `left out: ${operation} (${pointer}): ${reason}`)),
    ...limited(row.fallbacks.map(({ pointer, reason }) => `JSON: ${pointer}: ${reason}`)),
  ];
  return lines.length === 0 ? [] : ['', row.file, ...lines.map((line) => `  ${line}`)];
}

function limited(lines: readonly string[]): string[] {
  if (lines.length <= SHOWN) return [...lines];
  return [...lines.slice(0, SHOWN), `and ${lines.length - SHOWN} more (--json lists all)`];
}

/**
 * The last line: documents, operations, what is lost.
 * @param failUnder least share of all operations that has to be imported, in percent
 */
export function summarize(rows: readonly Row[], failUnder: number): { readonly line: string; readonly ok: boolean } {
  const good = rows.filter(({ ok }) => ok).length;
  const imported = rows.reduce((sum, { operations }) => sum + operations.imported, 0);
  const total = rows.reduce((sum, { operations }) => sum + operations.total, 0);
  const lost = rows.reduce((sum, row) => sum + row.lost.length, 0);
  // Rounded down: 99.96 % is not 100 %.
  const percent = total === 0 ? 100 : Math.floor((imported / total) * 10_000) / 100;
  return {
    line: `${good}/${rows.length} documents, ${imported}/${total} operations (${percent} %), ${lost} lost in silence`,
    ok: rows.length > 0 && good === rows.length && lost === 0 && percent >= failUnder,
  };
}
