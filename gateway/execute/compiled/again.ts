/** What a program wrote before, for a run to which sources said exactly the same. */
import { isConstant } from '../../connect/unchanged.ts';
import type { Written } from './run.ts';
import type { Batch } from './words.ts';

type Before = { readonly said: readonly unknown[]; readonly written: Written };

/**
 * Answers of one program. Its text is made of the values of its root fields and the rows of its keys, and of nothing else: where each of these
 * is the same object as before, so is the text. They are kept as long as the first root value is.
 */
export type Again = {
  find(said: readonly unknown[]): Written | undefined;
  keep(said: readonly unknown[], written: Written): void;
};

export function createAgain(): Again {
  const known = new WeakMap<object, Before>();
  return {
    find(said) {
      const before = known.get(said[0] as object);
      const isSame = before && before.said.length === said.length && before.said.every((each, n) => each === said[n]);
      return isSame ? before.written : undefined;
    },
    keep: (said, written) => void known.set(said[0] as object, { said, written }),
  };
}

/**
 * What the sources said to one run, and what they were asked; undefined where there is more to an answer than that: nothing comes again, or
 * something failed.
 *
 * @param roots values of the root fields
 * @param batches of the run, by what all keys of each were asked with; everything in them is there
 */
export function whatWasSaid(
  roots: readonly unknown[],
  batches: Iterable<readonly [name: string, batch: unknown]>,
): unknown[] | undefined {
  if (!roots.every(isConstant)) return undefined;
  const said: unknown[] = [...roots];
  for (const [name, batch] of batches) {
    said.push(name);
    for (const [key, { rows }] of (batch as Batch).founds()) {
      if (!Array.isArray(rows)) return undefined;
      said.push(key, rows.length, ...rows);
    }
  }
  return said;
}
