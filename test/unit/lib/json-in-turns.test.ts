import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contentHash, hashInTurns } from '../../../gateway/lib/hash.ts';
import { stableStringify } from '../../../gateway/lib/json.ts';
import { jsonInTurns } from '../../../gateway/lib/json-in-turns.ts';

const optional = fc.dictionary(fc.string(), fc.option(fc.jsonValue(), { nil: undefined }));

it('JSON made in turns is what stableStringify makes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), optional), async (value) => {
      expect((await jsonInTurns(value)).toString()).toBe(stableStringify(value));
    }),
  );
});

it.each([
  ['plain', 'a'],
  ['escaped', '"\\\n\u0001'],
  ['of two halves', '\u{1F9ED}'],
  ['of two halves, one off', 'x\u{1F9ED}y'],
  ['a half alone', '\ud83e'],
])('long texts are the same, cut between characters: %s', async (_, unit) => {
  const value = { z: [unit.repeat(150_001), { b: 1, a: undefined }], a: unit };
  expect((await jsonInTurns(value)).toString()).toBe(stableStringify(value));
});

it('lets others have their turn', async () => {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await jsonInTurns({ text: 'a'.repeat(2_000_000) });
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(10);
});

it('a hash made aside is the hash', async () => {
  for (const text of ['', 'a', 'b'.repeat(300_000)])
    expect(await hashInTurns(Buffer.from(text))).toBe(contentHash(Buffer.from(text)));
});
