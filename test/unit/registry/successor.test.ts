import { expect, it } from 'vitest';
import { unfitness } from '../../../gateway/registry/successor.ts';

const wanted = { generation: 'g2', revision: 2 };

it.each([
  ['what was wanted', { generation: 'g2', revision: 2, faults: ['shop: cannot be read'] }],
  ['what a later revision says', { generation: 'g3', revision: 3, faults: [] }],
])('a fresh process may take over with %s', (_, reached) => {
  expect(unfitness(wanted, reached)).toBeUndefined();
});

it.each([
  ['nothing', { generation: undefined, revision: 2, faults: ['no source'] }, 'no source'],
  ['something else', { generation: 'g9', revision: 2, faults: [] }, 'it read the project otherwise'],
  ['what an earlier revision says', { generation: 'g1', revision: 1, faults: [] }, 'it read the project otherwise'],
  ['what is there without the registry', { generation: 'g1', revision: undefined, faults: ['no Redis'] }, 'no Redis'],
])('a fresh process must not take over with %s', (_, reached, why) => {
  expect(unfitness(wanted, reached)).toBe(`A fresh process could not make it: ${why}`);
});
