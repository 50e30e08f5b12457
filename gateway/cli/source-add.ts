import { resolve } from 'node:path';
import type { ImportReport } from '../ingest/wire.ts';
import { addSource, removeSource, SOURCE_KINDS, type SourceKind } from '../registry/add-source.ts';
import type { Command, Values } from './command.ts';
import { dirOption, jsonOption, projectDir, UsageError } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';

const SHOWN_LINES = 20;

/** Brings sources into the project and takes them out. A gateway that watches takes the change up without a restart. */
export const source: Command = {
  name: 'source',
  summary: 'Add a source to the project, or take one out',
  operands: 'add CONTRACT | rm NAME',
  options: {
    endpoint: { type: 'string', value: 'URL', description: 'where the service is: a URL, or host:port for gRPC' },
    kind: { type: 'string', value: 'KIND', description: `${SOURCE_KINDS.join(', ')} (default: by the file's ending)` },
    name: { type: 'string', value: 'NAME', description: "name of the source (default: by the file's name)" },
    'include-dir': {
      type: 'string',
      value: 'DIR',
      multiple: true,
      description:
        'where files that the contract refers to may lie, beside its own folder (for .proto, also those above); may be given several times',
    },
    reflection: {
      type: 'string',
      value: 'ADDRESS',
      description: 'ask this gRPC server for its services: add NAME in place of a contract',
    },
    metadata: {
      type: 'string',
      value: 'NAME=VALUE',
      multiple: true,
      description: 'sent with gRPC calls and reflection; ${NAME} comes from the environment',
    },
    'dry-run': { type: 'boolean', description: 'only say what would come in' },
    dir: dirOption,
    json: jsonOption,
  },
  examples: [
    'tributary source add ./billing.openapi.yaml --endpoint http://127.0.0.1:8080',
    'tributary source add ./stock.proto --endpoint 127.0.0.1:50051 --name stock --dry-run',
    'tributary source add stock --reflection 127.0.0.1:50051',
    'tributary source rm billing',
  ],
  async run(io, values, operands) {
    const [verb, operand, extra] = operands;
    if (extra !== undefined) throw new UsageError(`"${extra}" is too much: source takes one contract or name`);
    if (verb === 'add' && operand !== undefined) return add(io, values, operand);
    if (verb === 'rm' && operand !== undefined) return remove(io, values, operand);
    throw new UsageError('source wants `add CONTRACT` or `rm NAME`');
  },
};

async function add(io: Io, values: Values, contract: string): Promise<ExitCode> {
  const dryRun = values['dry-run'] === true;
  const reflection = text(values['reflection']);
  const added = await addSource({
    dir: projectDir(io, values),
    env: io.env,
    contract: resolve(io.cwd, contract),
    endpoint: text(values['endpoint']),
    kind: kindOf(values['kind']),
    name: text(values['name']) ?? (reflection === undefined ? undefined : contract),
    dryRun,
    includeDirs: list(values['include-dir']).map((dir) => resolve(io.cwd, dir)),
    reflection,
    metadata: Object.fromEntries(list(values['metadata']).map(pairOf)),
  });
  if (values['json'] === true) io.out(`${JSON.stringify({ ...added, dryRun }, null, 2)}\n`);
  else
    io.out(
      `${[...describe(added.report), '', dryRun ? 'Nothing was written (--dry-run).' : `Written: ${added.files.join(', ')}, .meshrc.yaml, schemas/`].join('\n')}\n`,
    );
  return exitCodes.ok;
}

async function remove(io: Io, values: Values, name: string): Promise<ExitCode> {
  const dryRun = values['dry-run'] === true;
  await removeSource({ dir: projectDir(io, values), env: io.env, name, dryRun });
  if (values['json'] === true) io.out(`${JSON.stringify({ name, dryRun })}\n`);
  else io.out(dryRun ? `${name} could be taken out. Nothing was written (--dry-run).\n` : `${name} was taken out.\n`);
  return exitCodes.ok;
}

/** What came in and what did not, for a person. */
function describe(report: ImportReport): string[] {
  const { total, imported } = report.operations;
  const lines = [`${report.source} (${report.kind}): ${imported} of ${total} operations, ${report.types} types`];
  const shown = (title: string, rows: string[]): void => {
    if (rows.length === 0) return;
    lines.push('', title, ...rows.slice(0, SHOWN_LINES).map((row) => `  ${row}`));
    if (rows.length > SHOWN_LINES) lines.push(`  and ${rows.length - SHOWN_LINES} more (--json lists all)`);
  };
  shown(
    'Left out:',
    report.leftOut.map(({ operation, reason }) => `${operation}: ${reason}`),
  );
  shown(
    'Served as JSON:',
    report.fallbacks.map(({ pointer, reason }) => `${pointer}: ${reason}`),
  );
  shown(
    'Notes:',
    report.notes.map(({ pointer, text: note }) => `${pointer} ${note}`),
  );
  shown(
    'Renamed:',
    report.renamed.map(({ from, to, reason }) => `${from} is ${to}: ${reason}`),
  );
  shown(
    'Of answers that are kept (docs/caching.md):',
    (report.invalidations ?? []).map(({ at, text: what }) => `${at} ${what}`),
  );
  return lines;
}

function kindOf(value: Values[string]): SourceKind | undefined {
  if (value === undefined) return undefined;
  const kind = SOURCE_KINDS.find((name) => name === value);
  if (!kind) throw new UsageError(`--kind is one of ${SOURCE_KINDS.join(', ')}`);
  return kind;
}

function text(value: Values[string]): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: Values[string]): readonly string[] {
  return Array.isArray(value) ? value : [];
}

function pairOf(pair: string): [string, string] {
  const sign = pair.indexOf('=');
  if (sign < 1) throw new UsageError(`--metadata wants NAME=VALUE, not ${pair}`);
  return [pair.slice(0, sign), pair.slice(sign + 1)];
}
