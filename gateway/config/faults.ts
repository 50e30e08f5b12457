/** One thing wrong in a file a team wrote: where it stands and what to change. Never holds a value of the file. */
export type Fault = {
  /** Path relative to the project folder, or `environment`. */
  readonly file: string;
  /** Counted from 1; 0 where there is no line (a missing file, an environment variable). */
  readonly line: number;
  readonly column: number;
  /** Dotted path of the key, empty for the whole file. */
  readonly path: string;
  readonly message: string;
};

export type Loaded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** A file with thousands of faults is the wrong file: more than this are counted, not printed. */
const printedFaults = 100;

/** One line per fault, in order of file and position: `gateway.yaml:3:5 limits.bodyByte: unknown key; …`. */
export function formatFaults(faults: readonly Fault[]): string {
  const sorted = [...faults].sort(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column || a.path.localeCompare(b.path),
  );
  const lines = sorted.slice(0, printedFaults).map(formatFault);
  if (sorted.length > printedFaults) lines.push(`… and ${sorted.length - printedFaults} more`);
  return lines.join('\n');
}

function formatFault(fault: Fault): string {
  const place = fault.line === 0 ? fault.file : `${fault.file}:${fault.line}:${fault.column}`;
  return fault.path === '' ? `${place} ${fault.message}` : `${place} ${fault.path}: ${fault.message}`;
}
