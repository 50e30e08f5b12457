import { describe, expect, it } from 'vitest';
import { createUnchanged } from '../../../../gateway/connect/unchanged.ts';
import { createTexts, whatWasSaid } from '../../../../gateway/execute/compiled/again.ts';
import type { Run } from '../../../../gateway/execute/compiled/words.ts';

/** A value that comes again, as a connector gives it. */
function constant(name: string): object {
  const source = createUnchanged(1_000_000)();
  const read = () => source.read(name, Buffer.alloc(300), () => ({ name }));
  read();
  return read();
}

const written = (text: string) => ({ text, errors: [], body: { bytes: undefined, isAsked: false } });

/** A run with one batch of one key. */
const runOf = (
  rows: unknown,
  variables: Readonly<Record<string, unknown>> = {},
): Pick<Run, 'loaders' | 'variables'> => ({
  variables,
  loaders: new Map([['1 {}', { founds: () => [['key', { rows, waiting: [] }]] }]]),
});

describe('what a program wrote', () => {
  const root = constant('root');
  const row = constant('row');

  it('is found again where all is as it was', () => {
    const again = createTexts(100_000)?.();
    const said = whatWasSaid([root], runOf([row], { a: 1, b: [2] })) ?? [];
    again?.keep(said, written('{"a":1}'));
    expect(again?.find(whatWasSaid([root], runOf([row], { b: [2], a: 1 })) ?? [])).toEqual(written('{"a":1}'));
  });

  it('is not where a variable, a row, or how many there are is another', () => {
    const again = createTexts(100_000)?.();
    again?.keep(whatWasSaid([root], runOf([row], { d: 2 })) ?? [], written('{}'));
    for (const run of [
      runOf([row], { d: null }),
      runOf([{ name: 'row' }], { d: 2 }),
      runOf([row, row], { d: 2 }),
      runOf([]),
    ])
      expect(again?.find(whatWasSaid([root], run) ?? [])).toBeUndefined();
  });

  it('is no matter where a root is not one that comes again, a key failed, or a variable is no JSON', () => {
    expect(whatWasSaid([{ name: 'root' }], runOf([row]))).toBeUndefined();
    expect(whatWasSaid([root], runOf(new Error('failed')))).toBeUndefined();
    expect(whatWasSaid([root], runOf([row], { file: new Date(0) }))).toBeUndefined();
  });

  it('is kept within a bound for all programs together', () => {
    const open = createTexts(10_000);
    const roots = Array.from({ length: 50 }, (_, index) => constant(`root ${index}`));
    const programs = roots.map(() => open?.());
    const saidOf = (index: number) => whatWasSaid([roots[index]], runOf([row])) ?? [];
    for (const [index, program] of programs.entries()) program?.keep(saidOf(index), written('x'.repeat(1000)));
    const found = programs.map((program, index) => program?.find(saidOf(index)) !== undefined);
    // Each takes 3000 bytes for its characters and some for its values.
    expect([found.filter(Boolean).length, found[49], found[0]]).toEqual([2, true, false]);
    programs[0]?.keep(saidOf(0), written('x'.repeat(100_000)));
    expect(programs[0]?.find(saidOf(0))).toBeUndefined();
  });

  it('is not kept where there is no memory for it', () => {
    expect(createTexts(0)).toBeUndefined();
  });
});
