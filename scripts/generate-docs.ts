/** Writes docs/reference/*.md from the code that they describe. `--check` writes nothing and fails where a page is not current. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configPathVariable, overrides } from '../gateway/config/env.ts';
import type { Shape } from '../gateway/config/explain.ts';
import { shapeOf } from '../gateway/config/explain.ts';
import { elsewhere } from '../gateway/config/meshrc.ts';
import { policySchema } from '../gateway/config/policy.ts';
import { gatewaySchema } from '../gateway/config/schema.ts';
import { errorTable } from '../gateway/errors.ts';
import { createMetrics } from '../gateway/observe/metrics.ts';
import { findReservedCodes } from './reserved-codes.ts';

const gatewayFolder = fileURLToPath(new URL('../gateway/', import.meta.url));
const notice = '<!-- Written by `npm run docs` from the code. Do not edit. -->';

/** Every generated page: path from the project folder → text. */
export async function renderPages(): Promise<Record<string, string>> {
  return {
    'docs/reference/config.md': renderConfig(),
    'docs/reference/errors.md': await renderErrors(),
    'docs/reference/metrics.md': await renderMetrics(),
  };
}

/** The pages whose file is missing or differs. */
export async function findStalePages(root: string): Promise<string[]> {
  const pages = Object.entries(await renderPages());
  const current = await Promise.all(pages.map(([path]) => readFile(join(root, path), 'utf8').catch(() => undefined)));
  return pages.filter(([, text], index) => current[index] !== text).map(([path]) => path);
}

async function renderErrors(): Promise<string> {
  const reserved = await findReservedCodes(gatewayFolder, Object.keys(errorTable));
  const rows = Object.entries(errorTable).map(([code, row]) => [
    `\`${code}\``,
    row.message,
    String(row.status),
    String(row.jsonStatus),
    row.retryable ? 'yes' : 'no',
    row.level,
  ]);
  return page('Error codes', [
    '`extensions.code` of every error is one of these; nothing else ever stands there. `extensions.retryable` says whether the same',
    'request may succeed later, `extensions.source` names the source where one is known to be to blame. An `INTERNAL` error carries',
    '`extensions.requestId`: the log has the rest under that id.',
    '',
    'The status columns hold when the error ends the request: the first for `application/graphql-response+json`, the second for',
    '`application/json`. An error of one field (it has a `path`) leaves the status at 200, since its siblings are answered.',
    '',
    'A request that is well-formed but names no operation, or one that is not there, is `BAD_REQUEST` with 200 as `application/json`.',
    '',
    ...(reserved.length === 0
      ? []
      : [`Reserved, and given by nothing in this version: ${reserved.map((code) => `\`${code}\``).join(', ')}.`, '']),
    ...table(['code', 'says', 'status', 'as JSON', 'retryable', 'logged at'], rows),
  ]);
}

function renderConfig(): string {
  const environment = [
    ...Object.entries(overrides).map(([name, path]) => [`\`${name}\``, `sets \`${path.join('.')}\``]),
    [`\`${configPathVariable}\``, 'path of the file to read in place of `gateway.yaml`, from the project folder'],
  ];
  const keys = ['key', 'value', 'default', 'meaning'];
  return page('Configuration', [
    'Unknown keys are faults, and all faults of a file are told at once with file, line and column. `${NAME}` and `${NAME:default}`',
    'inside a value become environment variables; `port: ${PORT}` gives a number, `"${PORT}"` text; `$${` writes `${` itself.',
    '',
    '## `gateway.yaml`',
    '',
    `${gatewaySchema.description} Every key is optional, and so is the file.`,
    '',
    ...table(keys, keyRows(shapeOf(gatewaySchema), gatewaySchema.parse({}))),
    '',
    '### Environment variables',
    '',
    'They win over the file; an empty one counts as not set.',
    '',
    ...table(['variable', 'effect'], environment),
    '',
    '## `sources/<name>/policy.yaml`',
    '',
    `${policySchema.description} Every key is optional, and so is the file.`,
    '',
    ...table(keys, keyRows(shapeOf(policySchema), policySchema.parse({}))),
    '',
    '## `.meshrc.yaml`',
    '',
    'Mesh’s own format: `sources`, each with `name`, `handler` (`openapi`, `grpc` or `graphql`) and `transforms`. What else Mesh keeps',
    'in this file is refused, because it has another place here:',
    '',
    ...table(
      ['key', 'instead'],
      Object.entries(elsewhere).map(([key, place]) => [`\`${key}\``, place]),
    ),
  ]);
}

/**
 * Leaves of a schema as rows, maps of any name as `<name>`.
 * @param fallback what an empty file gives at this place: zod's description leaves out defaults behind a transform
 */
function keyRows(shape: Shape, fallback: unknown, path = ''): string[][] {
  const extra = typeof shape.additionalProperties === 'object' ? shape.additionalProperties : undefined;
  // What may be written shortly, too, has its keys in one of its forms.
  const forms = [shape, ...(shape.anyOf ?? [])];
  const children: (readonly [string, Shape])[] = forms.flatMap(({ properties = {} }) => Object.entries(properties));
  const entry = shape.type === 'array' ? shape.items : undefined;
  const listed = Object.entries(entry?.properties ?? {}).flatMap(([key, child]) =>
    keyRows(child, undefined, `${path}[].${key}`),
  );
  if (extra?.properties !== undefined) children.push(['<name>', extra]);
  // A map that only groups others says nothing itself.
  const own = shape.description === undefined || path === '' ? [] : [keyRow(shape, fallback, path)];
  return [
    ...own,
    ...listed,
    ...children.flatMap(([key, child]) => keyRows(child, childOf(fallback, key), path === '' ? key : `${path}.${key}`)),
  ];
}

function childOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function keyRow(shape: Shape, fallback: unknown, path: string): string[] {
  const value = fallback === undefined ? shape.default : fallback;
  const shown = value === undefined ? '' : `\`${JSON.stringify(value)}\``;
  return [`\`${path}\``, kindOf(shape), shown, shape.description ?? ''];
}

function kindOf(shape: Shape): string {
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (shape.anyOf !== undefined)
    return [...new Set(shape.anyOf.map(kindOf).flatMap((kind) => kind.split(', ')))].join(', ');
  if (shape.type === 'array') return `list of ${shape.items === undefined ? 'values' : kindOf(shape.items)}`;
  if (shape.type === 'object') return 'map';
  if (shape.type === 'integer') return `${shape.minimum ?? ''} to ${shape.maximum ?? ''}`;
  if (shape.type === 'null') return '`null`';
  if (shape.type === 'boolean') return '`true`, `false`';
  return shape.type === 'string' ? 'text' : (shape.type ?? 'value');
}

async function renderMetrics(): Promise<string> {
  const text = await createMetrics().expose();
  const help = new Map([...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map((match) => [match[1], match[2] ?? '']));
  const rows = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [
    `\`${name}\``,
    type,
    help.get(name) ?? '',
  ]);
  return page('Metrics', [
    '`/metrics` on the admin port gives these in the Prometheus text format, beside the usual `process_*` and `nodejs_*` metrics.',
    'Labels are bounded: nothing a client writes becomes one.',
    '',
    ...table(['name', 'type', 'meaning'], rows),
  ]);
}

function page(title: string, lines: readonly string[]): string {
  return `# ${title}\n\n${notice}\n\n${lines.join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

async function main(): Promise<void> {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const stale = await findStalePages(root);
  if (process.argv.includes('--check')) {
    if (stale.length > 0) console.error(`not current: ${stale.join(', ')}. Run: npm run docs`);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  const pages = await renderPages();
  for (const path of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), pages[path] ?? '');
    console.log(`wrote ${path}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
