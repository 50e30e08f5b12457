/** What a program wrote before, for a run to which sources said exactly the same. */
import { LRUCache } from 'lru-cache';
import { isConstant } from '../../connect/unchanged.ts';
import { isPlainJson, stableStringify } from '../../lib/json.ts';
import type { Batch, Run, Written } from './words.ts';

/** Values as they are, objects by reference: whoever keeps them keeps no rows. */
type Said = readonly unknown[];
type Before = { readonly said: Said; readonly written: Written };

/**
 * Answers of one program. Its text is made of the values of its root fields, the rows of its keys and the variables, and of nothing else:
 * where each of these is the same as before, so is the text.
 */
export type Again = {
  find(said: Said): Written | undefined;
  keep(said: Said, written: Written): void;
};

/** How often a text is there at most: itself, in one or two bytes a character, and as the body that was made of it. */
const COPIES = 3;
/** Bytes of what is kept beside each value. */
const BYTES_OF_VALUE = 64;

/**
 * The memory that all programs share.
 *
 * @param maxBytes most of it; answers not given for longest go first
 * @returns opens it for one program; undefined where there is none
 */
export function createTexts(maxBytes: number): (() => Again) | undefined {
  if (maxBytes <= 0) return undefined;
  const texts = new LRUCache<object, Before>({
    maxSize: maxBytes,
    // Counting its bytes also makes one text of what was put together from thousands of pieces, and would else stay that.
    sizeCalculation: ({ said, written }) => Buffer.byteLength(written.text) * COPIES + said.length * BYTES_OF_VALUE,
  });
  return () => {
    // One answer for each first root value: what stands for it goes with that.
    const names = new WeakMap<object, object>();
    return {
      find(said) {
        const name = names.get(said[0] as object);
        const before = name && texts.get(name);
        const isSame = before?.said.length === said.length && before.said.every((each, n) => isThis(each, said[n]));
        return isSame ? before.written : undefined;
      },
      keep(said, written) {
        const root = said[0] as object;
        const name = names.get(root) ?? {};
        names.set(root, name);
        texts.set(name, { said: said.map((each) => (isObject(each) ? new WeakRef(each) : each)), written });
      },
    };
  };
}

function isThis(kept: unknown, value: unknown): boolean {
  return kept instanceof WeakRef ? kept.deref() === value : kept === value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * What the sources said to one run, and what they were asked; undefined where there is more to an answer than that: nothing comes again, or
 * something failed.
 *
 * @param roots values of the root fields
 * @param run everything in its batches is there
 */
export function whatWasSaid(
  roots: readonly unknown[],
  { loaders, variables }: Pick<Run, 'loaders' | 'variables'>,
): unknown[] | undefined {
  if (!roots.every(isConstant) || !isPlainJson(variables)) return undefined;
  const said: unknown[] = [...roots, stableStringify(variables)];
  for (const [name, batch] of loaders) {
    said.push(name);
    for (const [key, { rows }] of (batch as Batch).founds()) {
      if (!Array.isArray(rows)) return undefined;
      said.push(key, rows.length, ...rows);
    }
  }
  return said;
}
