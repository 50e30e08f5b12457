import { isRecord, parseJson } from '../../lib/json.ts';
import { boundProblem, hiddenTexts, type Problem } from '../problem.ts';
import { essenceOf } from './media.ts';
import type { HttpAnswer } from './outcome.ts';

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

/**
 * The problem details of a failed answer (RFC 9457), fit to be shown; undefined where there are none. Nothing but
 * `application/problem+json` is meant for clients.
 *
 * @param sent headers that were sent for it
 * @param address where it was sent, with the parameters that prove who asks
 */
export function readProblem(
  answer: HttpAnswer,
  sent: ReadonlyMap<string, string>,
  { host, search }: Pick<URL, 'host' | 'search'>,
): Problem | undefined {
  const problem = parseProblem(answer);
  return problem && boundProblem(problem, hiddenTexts(host, sent, search));
}

function parseProblem({ headers, body }: HttpAnswer): Problem | undefined {
  if (essenceOf(String(headers['content-type'] ?? '')) !== 'application/problem+json') return undefined;
  let value: unknown;
  try {
    value = parseJson(body.toString('utf8'));
  } catch {
    return undefined;
  }
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
