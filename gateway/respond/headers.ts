/** The headers of an answer that its calls brought along, as far as policies pass them on. */
import type { PassedHead } from '../context.ts';
import type { HeaderField } from '../lib/header-fields.ts';

/** Most fields, and bytes of names and values, of one answer; what comes later is left out. */
const MAX_FIELDS = 100;
const MAX_BYTES = 16_384;

/**
 * Brings what calls said into one set of headers: values in the order of the calls, joined by commas (RFC 9110 §5.3) but for
 * Set-Cookie, and the strictest Cache-Control of all.
 *
 * @param heads one for each call, in the order they were asked for
 * @param failed whether the answer holds errors
 */
export function passedHeaders(heads: readonly PassedHead[], failed: boolean): HeaderField[] {
  const values = new Map<string, string[]>();
  let fields = 0;
  let bytes = 0;
  for (const { passing, fields: given = [] } of heads) {
    for (const [name, value] of given) {
      const rule = passing?.names.get(name);
      const known = values.get(name);
      if (rule === undefined || (rule === 'first' && known)) continue;
      fields += 1;
      bytes += name.length + value.length;
      if (fields > MAX_FIELDS || bytes > MAX_BYTES) break;
      if (known) known.push(value);
      else values.set(name, [value]);
    }
  }
  const cacheControl = cacheControlOf(heads, failed);
  return [
    ...(cacheControl === undefined ? [] : [['cache-control', cacheControl] as const]),
    ...[...values].flatMap(([name, list]): HeaderField[] =>
      name === 'set-cookie' ? list.map((value) => [name, value]) : [[name, list.join(', ')]],
    ),
  ];
}

/**
 * How long the answer may be kept: as long as what is left of the shortest of its calls (RFC 9111 §4.2.1, §5.1). A call that does
 * not say so with `max-age`, that failed, or whose policy does not look at it, lets nobody keep the answer.
 */
function cacheControlOf(heads: readonly PassedHead[], failed: boolean): string | undefined {
  if (!heads.some(({ passing }) => passing?.minMaxAge)) return undefined;
  const kept = heads.map(({ passing, fields = [] }) => (passing?.minMaxAge ? readAges(fields) : undefined));
  if (failed || !kept.every((ages) => ages !== undefined)) return 'no-store';
  const least = Math.min(...kept.map(({ seconds }) => seconds));
  const flags = ['private', 'must-revalidate'].filter((flag) => kept.some(({ directives }) => directives.has(flag)));
  return [...flags, `max-age=${least}`].join(', ');
}

type Ages = { seconds: number; directives: ReadonlySet<string> };

/** What one call says; undefined when its answer must not be kept. */
function readAges(fields: readonly HeaderField[]): Ages | undefined {
  const textOf = (wanted: string): string =>
    fields.flatMap(([name, value]) => (name === wanted ? [value.toLowerCase()] : [])).join();
  const parts = textOf('cache-control')
    .split(',')
    .map((part) => part.trim());
  const directives = new Set(parts.map((part) => part.split('=', 1)[0]?.trim() ?? ''));
  if (directives.has('no-store') || directives.has('no-cache')) return undefined;
  const limits = parts.flatMap((part) => /^max-age\s*=\s*"?(\d{1,10})"?$/.exec(part)?.[1] ?? []).map(Number);
  if (limits.length === 0) return undefined;
  const age = Number(textOf('age'));
  return { seconds: Math.max(0, Math.min(...limits) - (age > 0 ? age : 0)), directives };
}
