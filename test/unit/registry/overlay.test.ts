import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { originsOf } from '../../../gateway/registry/overlay.ts';
import type { RegistryEntry } from '../../../gateway/registry/store/store.ts';

const entry = (more: Partial<RegistryEntry> = {}): RegistryEntry => ({
  bundle: 'b'.repeat(64),
  version: 1,
  state: 'active',
  versions: [],
  ...more,
});
const from = (tree: Record<string, string>, registered: Record<string, RegistryEntry>): Record<string, string> =>
  Object.fromEntries(
    [...originsOf(new Map(Object.entries(tree)), registered)].map(([name, origin]) => [name, origin.from]),
  );

describe('which version of a source serves', () => {
  it.each([
    ['only in the tree', { orders: 'A' }, {}, { orders: 'tree' }],
    ['only registered', {}, { orders: entry() }, { orders: 'registry' }],
    [
      'registered over what the tree still has',
      { orders: 'A' },
      { orders: entry({ overTree: 'A' }) },
      { orders: 'registry' },
    ],
    [
      'changed in the tree since it was registered',
      { orders: 'B' },
      { orders: entry({ overTree: 'A' }) },
      { orders: 'tree' },
    ],
    ['new in the tree under a registered name', { orders: 'A' }, { orders: entry() }, { orders: 'tree' }],
    ['gone from the tree since it was registered', {}, { orders: entry({ overTree: 'A' }) }, { orders: 'registry' }],
    [
      'withdrawn over the tree',
      { orders: 'A' },
      { orders: entry({ overTree: 'A', state: 'withdrawn' }) },
      { orders: 'absent' },
    ],
    [
      'withdrawn, then changed in the tree',
      { orders: 'B' },
      { orders: entry({ overTree: 'A', state: 'withdrawn' }) },
      { orders: 'tree' },
    ],
    [
      'only held so far, in the tree',
      { orders: 'A' },
      { orders: entry({ version: 0, bundle: '', overTree: 'A' }) },
      { orders: 'tree' },
    ],
    ['only held so far, and nowhere else', {}, { orders: entry({ version: 0, bundle: '' }) }, {}],
  ])('%s', (_title, tree, registered, expected) => {
    expect(from(tree, registered)).toEqual(expected);
  });

  it('is decided by each source for itself, and alike wherever tree and registry are the same', () => {
    const hash = fc.constantFrom('A', 'B');
    const entries = fc.record({
      overTree: hash,
      version: fc.nat(2),
      state: fc.constantFrom('active' as const, 'withdrawn' as const),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), hash),
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), entries),
        (tree, words) => {
          const registered = Object.fromEntries(Object.entries(words).map(([name, word]) => [name, entry(word)]));
          const all = from(tree, registered);
          for (const name of ['a', 'b', 'c']) {
            const alone = from(
              tree[name] === undefined ? {} : { [name]: tree[name] },
              registered[name] === undefined ? {} : { [name]: registered[name] },
            );
            expect(all[name]).toBe(alone[name]);
            // What the tree changed afterwards always wins.
            if (tree[name] !== undefined && registered[name]?.overTree !== tree[name]) expect(all[name]).toBe('tree');
          }
        },
      ),
    );
  });
});
