import type { ContractLimits } from '../../config/build.ts';
import { jsonShape } from './json-shape.ts';
import { readYaml, TooDeep, TooWide } from './yaml-text.ts';

/** What one file may hold. */
type Bounds = Pick<ContractLimits, 'maxDepth' | 'maxValues'>;

/** A file's value, or why it has none: a part of a sentence whose subject is the file. */
export type Parsed = { ok: true; value: unknown } | { ok: false; reason: string; cause?: unknown };

/** Names of properties, paths and the like: names of types are put together from them. */
const MAX_NAME = 8192;
/** Names in one object: more make what reads it slow, and no owner has written that many. */
const MAX_NAMES = 100_000;
const TOO_WIDE = `holds an object of more than ${MAX_NAMES} names`;
const MAX_REASON = 200;

/**
 * Reads a contract file: JSON, or YAML as `yaml-text.ts` reads it. A byte-order mark is passed over; of keys written twice the last one counts, as in JSON.
 *
 * @param name the file's name: what ends in `.yaml` or `.yml` and begins like JSON may still be YAML
 */
export function parseContract(bytes: Buffer, name: string, limits: Bounds): Parsed {
  const text = decode(bytes);
  if (text === undefined) return { ok: false, reason: 'is UTF-16 or binary: save it as UTF-8 text' };
  const parsed = parseText(text, name, limits);
  const fault = parsed.ok ? shapeFault(parsed.value, limits) : undefined;
  return fault === undefined ? parsed : { ok: false, reason: fault };
}

function decode(bytes: Buffer): string | undefined {
  // A zero byte has no place in UTF-8 text; every other letter of UTF-16 has one.
  if (bytes.subarray(0, 4096).includes(0) || (bytes[0] ?? 0) >= 0xfe) return undefined;
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

function parseText(text: string, name: string, limits: Bounds): Parsed {
  if (!/^\s*[{[]/.test(text)) return parseAs('YAML', text, limits);
  const isYaml = /\.ya?ml$/i.test(name);
  const shape = isYaml ? undefined : jsonShape(text, { maxDepth: limits.maxDepth, maxNames: MAX_NAMES });
  if (shape !== undefined) return { ok: false, reason: shape === 'deep' ? tooDeep(limits.maxDepth) : TOO_WIDE };
  const json = parseAs('JSON', text, limits);
  if (json.ok || !isYaml) return json;
  const yaml = parseAs('YAML', text, limits);
  return yaml.ok ? yaml : json;
}

function parseAs(format: 'JSON' | 'YAML', text: string, { maxDepth }: Bounds): Parsed {
  try {
    return {
      ok: true,
      value: format === 'JSON' ? JSON.parse(text) : readYaml(text, { maxDepth, maxNames: MAX_NAMES }),
    };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : 'unknown fault';
    if (cause instanceof TooWide) return { ok: false, reason: TOO_WIDE, cause };
    if (cause instanceof TooDeep || said.includes('call stack')) return { ok: false, reason: tooDeep(maxDepth), cause };
    const what = format === 'JSON' ? jsonFault(said, text) : (said.split('\n')[0] ?? '').replace(/:$/, '');
    return { ok: false, reason: `cannot be parsed as ${format}: ${what.slice(0, MAX_REASON)}`, cause };
  }
}

/** What V8 says, without the piece of text it may quote, and the two mistakes that people make. */
function jsonFault(said: string, text: string): string {
  // Strings may hold anything: blanked out, the rest is only punctuation, numbers and words.
  const bare = text.replace(/"(?:[^"\\\n]|\\.)*"/g, (string) => `"${' '.repeat(string.length - 2)}"`);
  const comment = bare.search(/\/[/*]|#/);
  if (comment >= 0) return `comments are no part of JSON (line ${lineOf(text, comment)})`;
  const comma = bare.search(/,\s*[}\]]/);
  if (comma >= 0) return `a comma stands before a closing bracket (line ${lineOf(text, comma)})`;
  const position = /at position (\d+)/.exec(said)?.[1];
  const what = said.replace(/ in JSON.*| is not valid JSON.*|, (\.\.\.)?".*/s, '');
  return position === undefined ? what : `${what} (line ${lineOf(text, Number(position))})`;
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Walks without the stack, since depth is what is to be found out. Aliases that hold themselves end at the limit of depth. */
function shapeFault(root: unknown, { maxDepth, maxValues }: Bounds): string | undefined {
  const values: unknown[] = [root];
  const depths: number[] = [0];
  let count = 0;
  while (values.length > 0) {
    const value = values.pop();
    const depth = depths.pop() ?? 0;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > maxDepth) return tooDeep(maxDepth);
    const keys = Array.isArray(value) ? [] : Object.keys(value);
    if (keys.length > MAX_NAMES) return TOO_WIDE;
    const long = keys.find((key) => key.length > MAX_NAME);
    if (long !== undefined)
      return `holds a name of ${long.length} characters (${long.slice(0, 40)}…): at most ${MAX_NAME} are read`;
    const inner: unknown[] = Array.isArray(value) ? value : Object.values(value);
    count += inner.length;
    if (count > maxValues) return `holds more than ${maxValues} values (build.maxValues)`;
    for (const each of inner) {
      values.push(each);
      depths.push(depth + 1);
    }
  }
  return undefined;
}

function tooDeep(maxDepth: number): string {
  return `is nested deeper than ${maxDepth} levels`;
}
