/** How long a source allows others to keep what is made of its answers: what it says in headers, or its policy in its place. */
import type { CacheAges } from '../../config/rules.ts';
import type { CallNotes } from '../../context.ts';
import { mayMatch } from './ages.ts';

/** `keepMs` is absent where nothing was said. */
export type Said = Pick<CallNotes, 'keepMs' | 'personal'>;

const NOTHING: Said = Object.freeze({});

/**
 * What an answer says of itself (RFC 9111 §5.2.2, §5.3), read for who gives it to those alone that would have sent the same call.
 *
 * @param ages of the policy; they hold whatever the headers say, but for `no-store`
 * @param freshMs how long the headers let a cache keep it that all callers share; undefined where they do not
 */
export function saidOf(
  ages: CacheAges | undefined,
  head: Readonly<Record<string, string>>,
  freshMs: number | undefined,
): Said {
  const { 'cache-control': control, expires, age } = head;
  if (control === undefined && expires === undefined && !ages) return NOTHING;
  const directives = new Map((control ?? '').toLowerCase().split(',').map(pairOf));
  if (directives.has('no-store')) return { keepMs: 0 };
  if (ages) return ages.maxAgeMs > 0 ? { keepMs: ages.maxAgeMs } : NOTHING;
  const personal = directives.has('private') || (head['set-cookie'] !== undefined && !directives.has('public'));
  if (directives.has('no-cache')) return { keepMs: 0 };
  if (freshMs !== undefined) return { keepMs: freshMs, ...(personal && { personal }) };
  const seconds = Number(directives.get('max-age') ?? Number.NaN);
  // Not for a cache that all callers share; for those whose calls are the same it may be.
  if (!(seconds > 0) || !mayMatch(head['vary'])) return { keepMs: 0 };
  return { keepMs: Math.max(0, seconds - (Number(age) > 0 ? Number(age) : 0)) * 1000, ...(personal && { personal }) };
}

/** Adds to what was noted of a call: the shortest time counts, and one answer for one caller alone makes it all so. */
export function noteSaid(notes: CallNotes | undefined, { keepMs, personal }: Said): void {
  if (!notes) return;
  if (keepMs !== undefined) notes.keepMs = Math.min(notes.keepMs ?? keepMs, keepMs);
  if (personal) notes.personal = true;
}

function pairOf(directive: string): [string, string] {
  const [name = '', value = ''] = directive.split('=', 2);
  return [name.trim(), value.trim().replaceAll('"', '')];
}
