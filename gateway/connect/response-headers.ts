/** Which headers of a source's answers clients see, by its policy. */
import type { Policy } from '../config/policy.ts';
import type { HeaderPassing } from '../context.ts';
import { type HeaderField, isHeaderValue, nominatedBy } from '../lib/header-fields.ts';

/** Most fields, and bytes of names and values, that one answer passes on. */
const MAX_FIELDS = 100;
const MAX_BYTES = 16_384;

export type PassingOf = (operation: string) => HeaderPassing | undefined;

/** Prepares what is passed on by operation, whose own rules win, name by name; undefined for a source that passes nothing on. */
export function createPassings(policy: Policy): PassingOf | undefined {
  const common = passingOf([policy.responseHeaders]);
  const own = new Map(
    Object.entries(policy.operations).flatMap(([name, { responseHeaders }]) =>
      responseHeaders ? [[name, passingOf([policy.responseHeaders, responseHeaders])] as const] : [],
    ),
  );
  if (common === undefined && own.size === 0) return undefined;
  return (operation) => (own.has(operation) ? own.get(operation) : common);
}

/** The same for all sources; undefined where none passes anything on. */
export function createPassingOf(
  policies: ReadonlyMap<string, Policy>,
): ((source: string, operation: string) => HeaderPassing | undefined) | undefined {
  const bySource = new Map(
    [...policies].flatMap(([source, policy]) => {
      const passings = createPassings(policy);
      return passings ? [[source, passings] as const] : [];
    }),
  );
  return bySource.size === 0 ? undefined : (source, operation) => bySource.get(source)?.(operation);
}

function passingOf(levels: readonly Policy['responseHeaders'][]): HeaderPassing | undefined {
  const names = new Map<string, 'append' | 'first'>();
  let minMaxAge = false;
  for (const level of levels) {
    for (const name of level?.append ?? []) names.set(name, 'append');
    for (const name of level?.first ?? []) names.set(name, 'first');
    for (const name of level?.remove ?? []) names.delete(name);
    minMaxAge = level?.minMaxAge ?? minMaxAge;
  }
  return names.size > 0 || minMaxAge ? { names, minMaxAge } : undefined;
}

/** Whether answers are for the one who asked alone: a cookie of one client must never become another's. */
export function isPersonal(passing: HeaderPassing | undefined): boolean {
  return passing?.names.has('set-cookie') === true;
}

/**
 * What an answer passes on, at most 100 fields and 16 KiB; what says how long it may be kept comes first. Values that cannot stand
 * in a header are left out, and so is what the answer calls its connection's own (RFC 9110 §7.6.1).
 *
 * @param headers of the answer, lower-case names; a list for a header that came several times
 */
export function pickFields(
  { names, minMaxAge }: HeaderPassing,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): HeaderField[] {
  const fields: HeaderField[] = [];
  let bytes = 0;
  const { connection } = headers;
  const nominated = nominatedBy(typeof connection === 'string' ? connection : connection?.join());
  const take = (name: string): void => {
    const found = headers[name];
    if (found === undefined || nominated?.has(name)) return;
    for (const value of typeof found === 'string' ? [found] : found) {
      bytes += name.length + value.length;
      if (fields.length < MAX_FIELDS && bytes <= MAX_BYTES && isHeaderValue(value)) fields.push([name, value]);
    }
  };
  for (const name of new Set([...(minMaxAge ? ['cache-control', 'age'] : []), ...names.keys()])) take(name);
  return fields;
}
