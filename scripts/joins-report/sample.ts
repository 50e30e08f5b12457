import type { Proposal } from '../../gateway/compose/propose/proposal.ts';
import type { Reading } from './read.ts';

export type Sampled = { readonly file: string; readonly proposal: Proposal };

/**
 * A sample that the same seed gives again: at most `per` of each contract, so that large ones do not speak for all, and `most` in all.
 */
export function sampleOf(
  readings: readonly Reading[],
  { most, per, seed }: { most: number; per: number; seed: number },
): readonly Sampled[] {
  const random = numbers(seed);
  const some = readings.flatMap(({ file, proposals }) =>
    shuffled(proposals, random)
      .slice(0, per)
      .map((proposal) => ({ file, proposal })),
  );
  const taken = new Set(shuffled(some, random).slice(0, most));
  return some.filter((each) => taken.has(each));
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((value) => ({ value, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

/** Numbers from 0 to 1 that look random: mulberry32. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
