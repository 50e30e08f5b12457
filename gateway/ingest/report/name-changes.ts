import { bounded, type Finding } from '../../lib/findings.ts';
import type { NameChanges } from '../wire.ts';

/** One source's part of `schemas/names.lock.json`. */
export type SourceNames = {
  /** Name on the wire → root field. */
  operations: Readonly<Record<string, string>>;
  /** Own name of a type → its name in the unified schema. */
  types: Readonly<Record<string, string>>;
  /** `Query.field` → name in the unified schema. */
  fields: Readonly<Record<string, string>>;
};

/**
 * What an import changed about the names that a source had. Root fields go by their names on the wire, types by those the contract
 * gives them; undefined for a source that had none, since then all are new.
 */
export function nameChanges(before: SourceNames | undefined, after: SourceNames): NameChanges | undefined {
  if (!before) return undefined;
  const appeared: Finding[] = [];
  const vanished: Finding[] = [];
  const renamed: Finding[] = [];
  const pairs = [
    [servedNames(before), servedNames(after)],
    [before.types, after.types],
  ] as const;
  for (const [old, now] of pairs) {
    for (const [at, name] of Object.entries(now)) {
      const former = old[at];
      if (former === undefined) appeared.push({ at, text: `is ${name}` });
      else if (former !== name) renamed.push({ at, text: `was ${former}, is ${name}` });
    }
    for (const [at, name] of Object.entries(old)) if (now[at] === undefined) vanished.push({ at, text: `was ${name}` });
  }
  return { appeared: bounded(appeared), vanished: bounded(vanished), renamed: bounded(renamed) };
}

/** Name on the wire → coordinate in the unified schema. */
function servedNames({ operations, fields }: SourceNames): Record<string, string> {
  return Object.fromEntries(
    Object.entries(operations).map(([wireName, field]) => {
      const root = ['Query', 'Mutation', 'Subscription'].find((type) => fields[`${type}.${field}`] !== undefined);
      return [wireName, root === undefined ? field : `${root}.${fields[`${root}.${field}`]}`];
    }),
  );
}
