import { expect, it } from 'vitest';
import { nearest } from '../../../gateway/lib/nearest.ts';

it.each([
  ['bodyByte', ['bodyBytes', 'upstreamBodyBytes'], 'bodyBytes'],
  ['prot', ['host', 'port'], 'port'],
  ['DEADLINEMS', ['deadlineMs'], 'deadlineMs'],
  ['zebra', ['host', 'port'], undefined],
  ['x'.repeat(65), ['x'.repeat(64)], undefined],
  ['anything', [], undefined],
])('%s of %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
