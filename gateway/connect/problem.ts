/** What a client may be told of an upstream's own words about an error, where the policy of the source allows that. */
import { isRecord } from '../lib/json.ts';

export type Problem = Readonly<Record<string, unknown>>;

const MAX_BYTES = 8192;
const MAX_DEPTH = 5;
/** Members of one object, items of one list. */
const MAX_ENTRIES = 100;
const MAX_TEXT = 2000;
/** Shorter values of headers are words that a text may hold by chance. */
const SHORTEST_HIDDEN = 8;
/** Headers whose values are known to everybody. */
const PUBLIC = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'user-agent', 'x-request-id']);
/** Controls, and characters that change how the text around them reads. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;

/**
 * Makes an error of an upstream fit to be shown: at most 8 KiB, five levels deep, 100 members or items each; texts are cut at 2000
 * characters and have no control characters. What holds anything hidden is left out, and so is what has no room: what comes first
 * stays.
 *
 * @param hidden texts that no client may see, see `hiddenTexts`
 * @returns undefined when nothing is left
 */
export function boundProblem(value: Readonly<Record<string, unknown>>, hidden: readonly string[]): Problem | undefined {
  const bound = bounded(value, { hidden: hidden.map((text) => text.toLowerCase()), left: MAX_BYTES }, 0);
  return isRecord(bound) && Object.keys(bound).length > 0 ? bound : undefined;
}

type Budget = { hidden: readonly string[]; left: number };

function bounded(value: unknown, budget: Budget, depth: number): unknown {
  if (Array.isArray(value)) return depth < MAX_DEPTH && takes(budget, 2) ? boundItems(value, budget, depth) : undefined;
  if (isRecord(value)) return depth < MAX_DEPTH && takes(budget, 2) ? boundMembers(value, budget, depth) : undefined;
  if (typeof value === 'string') return boundText(value, budget);
  const isPlain = value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
  return isPlain && takes(budget, String(value).length + 1) ? value : undefined;
}

function boundItems(items: readonly unknown[], budget: Budget, depth: number): unknown[] {
  const kept = items.slice(0, MAX_ENTRIES).map((item) => bounded(item, budget, depth + 1));
  return kept.filter((item) => item !== undefined);
}

function boundMembers(members: Problem, budget: Budget, depth: number): Problem {
  const kept: [string, unknown][] = [];
  for (const [key, member] of Object.entries(members).slice(0, MAX_ENTRIES)) {
    const name = boundText(key, budget);
    const value = name === undefined ? undefined : bounded(member, budget, depth + 1);
    if (name !== undefined && value !== undefined) kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

function boundText(text: string, budget: Budget): string | undefined {
  const seen = text.slice(0, MAX_TEXT).replace(UNSEEN, ' ');
  // What was cut off may be the rest of something hidden: the whole text is looked at.
  const whole = text.toLowerCase();
  if (budget.hidden.some((hidden) => whole.includes(hidden))) return undefined;
  return takes(budget, Buffer.byteLength(JSON.stringify(seen)) + 1) ? seen : undefined;
}

function takes(budget: Budget, bytes: number): boolean {
  if (bytes > budget.left) return false;
  budget.left -= bytes;
  return true;
}

/**
 * What an upstream may not tell on: where it is called, and what it was sent to prove who asks. Both come back in careless errors.
 *
 * @param authority host and port of the endpoint, `orders:8080`, or the path of its socket
 * @param headers as they were sent
 * @param query with what proves who asks, as it was sent
 */
export function hiddenTexts(authority: string, headers: ReadonlyMap<string, string>, query = ''): string[] {
  const host = authority.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const values = [...headers]
    .filter(([name]) => !PUBLIC.has(name))
    .flatMap(([, value]) => [value, ...value.split(/[\s;,]+/)]);
  const proofs = [...new URLSearchParams(query)].map(([, value]) => value);
  return [
    // A host without a dot is a word; as part of an address it is none.
    ...(/[.:/]/.test(host) ? [host] : [`//${host}`, `${host}:`]),
    ...[...values, ...proofs, ...proofs.map(encodeURIComponent)].filter((value) => value.length >= SHORTEST_HIDDEN),
  ];
}
