import fc from 'fast-check';
import { expect, it } from 'vitest';
import { putTogether, takeApart } from '../../../gateway/registry/answer-pieces.ts';
import type { BuildAnswer } from '../../../gateway/registry/job.ts';

const rest = { reports: [], failed: [{ source: 'a', message: 'm', servedByOlder: true }] };
const long = 'long \u{1F9ED}'.repeat(100_000);

it('an answer is the same after its texts went in pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('', 'short', long), { minLength: 2, maxLength: 5 }), (texts) => {
      const [publicText = '', privateText = '', ...others] = texts;
      const sources = others.map((text, index): [string, string] => [`s${index}`, text]);
      const whole: BuildAnswer = { ...rest, built: { publicText, privateText, sources, lock: {} } };
      const { answer, pieces } = takeApart(whole);
      expect(JSON.stringify(answer)).not.toContain('short');
      expect(Math.max(0, ...pieces.map(({ piece }) => piece.length))).toBeLessThanOrEqual(262_144);
      expect(putTogether(structuredClone(answer), pieces)).toEqual(whole);
    }),
    { numRuns: 30 },
  );
});

it('an answer without texts is one message', () => {
  const fault: BuildAnswer = { ...rest, fault: 'because' };
  expect(takeApart(fault)).toEqual({ answer: fault, pieces: [] });
  expect(putTogether(fault, [])).toBe(fault);
});
