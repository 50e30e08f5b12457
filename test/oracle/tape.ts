/** Choices read from bytes, so that whatever is made of them shrinks as the bytes do: fewer and smaller ones give simpler things. */
export type Tape = {
  /** A number from 0 up to, not including, `count`; 0 when the tape is at its end. */
  pick(count: number): number;
  /** True once in so many times; never at the end of the tape. */
  once(inTimes: number): boolean;
  /** @throws where there are none */
  of<T>(choices: readonly T[]): T;
  /** So many things as the tape says, from `least` to `most`. */
  list<T>(least: number, most: number, make: (index: number) => T): T[];
};

export function readTape(bytes: Uint8Array): Tape {
  let position = 0;
  return tapeFrom((count) => {
    const byte = bytes[position] ?? 0;
    position += 1;
    return byte % count;
  });
}

/** A tape without an end whose choices are told by a text: the same for the same text. */
export function tapeOf(text: string): Tape {
  // FNV-1a, then mulberry32.
  let state = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 16_777_619);
  return tapeFrom((count) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  });
}

function tapeFrom(pick: Tape['pick']): Tape {
  return {
    pick,
    once: (inTimes) => pick(inTimes) === inTimes - 1,
    of(choices) {
      if (choices.length === 0) throw new Error('there is nothing to choose from');
      return choices[pick(choices.length)] as (typeof choices)[number];
    },
    list: (least, most, make) => Array.from({ length: least + pick(most - least + 1) }, (_, index) => make(index)),
  };
}
