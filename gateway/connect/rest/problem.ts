import { isRecord, parseJson } from '../../lib/json.ts';
import { essenceOf, isJsonType } from '../../lib/media-types.ts';
import { boundProblem, hiddenTexts, type Problem } from '../problem.ts';
import type { HttpAnswer } from './outcome.ts';

const PROBLEM = 'application/problem+json';
/** Scheme and host of a URI (RFC 3986 §3). */
const AUTHORITY = /^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*/i;
/** What RFC 9457 §3.1 says of its members; one of another type is to be ignored. */
const MEMBERS = new Map([
  ['type', 'string'],
  ['title', 'string'],
  ['status', 'number'],
  ['detail', 'string'],
  ['instance', 'string'],
]);

/** What a contract declares of failed answers, by status (`404`, `4xx`, `default`): see `errorAnswers` of the import. */
export type ErrorShapes = ReadonlyMap<string, unknown>;

/** Reads `@httpOperation(errors:)`. */
export function readErrorShapes(wire: unknown): ErrorShapes {
  const pairs = Array.isArray(wire) ? wire : [];
  return new Map(
    pairs.flatMap(([statuses, shape]: [string, string]) =>
      statuses.split(' ').map((status): [string, unknown] => [status.toLowerCase(), JSON.parse(shape)]),
    ),
  );
}

/**
 * What clients may see of a failed answer, fit to be shown; undefined where there is nothing. That is problem details (RFC 9457),
 * whose members are for clients by their standard, and of other JSON the properties that the contract declares for the status.
 *
 * @param sent headers that were sent for it
 * @param address where it was sent, with the parameters that prove who asks
 */
export function readProblem(
  answer: HttpAnswer,
  shapes: ErrorShapes,
  sent: ReadonlyMap<string, string>,
  { host, search }: Pick<URL, 'host' | 'search'>,
): Problem | undefined {
  const type = essenceOf(String(answer.headers['content-type'] ?? ''));
  const problem = type === PROBLEM ? problemIn(parse(answer)) : declaredIn(answer, type, shapes);
  return problem && boundProblem(problem, hiddenTexts(host, sent, search));
}

function parse({ body }: HttpAnswer): unknown {
  try {
    return parseJson(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function declaredIn(answer: HttpAnswer, type: string, shapes: ErrorShapes): Problem | undefined {
  if (shapes.size === 0 || !isJsonType(type)) return undefined;
  const status = String(answer.status);
  const shape = [status, `${status[0]}xx`, 'default'].map((each) => shapes.get(each)).find((each) => each);
  const declared = shape === undefined ? undefined : pick(parse(answer), shape);
  return isRecord(declared) ? declared : undefined;
}

/** As much of a value as its shape says; what has another form is left out. */
function pick(value: unknown, shape: unknown): unknown {
  if (Array.isArray(shape))
    return Array.isArray(value) ? value.map((item: unknown) => pick(item, shape[0])).filter(isSomething) : undefined;
  if (!isRecord(shape)) return typeof value === 'object' && value !== null ? undefined : value;
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(shape).map(([name, inner]): [string, unknown] => [
    name,
    Object.hasOwn(value, name) ? pick(value[name], inner) : undefined,
  ]);
  const kept = entries.filter(([, inner]) => isSomething(inner));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function isSomething(value: unknown): boolean {
  return value !== undefined;
}

function problemIn(value: unknown): Problem | undefined {
  if (!isRecord(value)) return undefined;
  const standard: [string, unknown][] = [];
  for (const [name, type] of MEMBERS) {
    const own = Object.hasOwn(value, name) ? value[name] : undefined;
    // Where it happened is a path to clients: hosts are the gateway's to know.
    if (typeof own === type) standard.push([name, name === 'instance' ? String(own).replace(AUTHORITY, '') : own]);
  }
  // What everybody understands stands first, and stays when there is no room for all.
  return Object.fromEntries([...standard, ...Object.entries(value).filter(([name]) => !MEMBERS.has(name))]);
}
