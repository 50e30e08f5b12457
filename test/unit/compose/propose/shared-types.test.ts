/** Types that two sources could share: proposed only where they are surely one, and then they compose. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { proposeMerges } from '../../../../gateway/compose/propose/shared-types.ts';
import { composeWith, type Given, source } from './kit.ts';

const catalog: Given = {
  reads: { 'GET /items': 'items(ids: [String!]): [Item]' },
  types: 'type Item { "Example: `itm_01`" id: String!, sku: String, title: String }',
};
const store: Given = {
  reads: { 'v1.Store/BatchGetItems': 'batchGetItems(input: Keys): Items' },
  types:
    'type Item { "Example: `itm_77`" id: String!, pieces: Int } type Items { items: [Item!]! } input Keys { ids: [String!] }',
};
const between = (a: Given, b: Given, added?: string) =>
  proposeMerges([source('catalog', a), source('store', b)], added).map(({ type }) => type);
const changed = (given: Given, from: string, to: string): Given => ({ ...given, types: given.types.replace(from, to) });

describe('a type that two sources look up in bulk', () => {
  it('could be one where the examples of the keys are alike', () => {
    const [proposal] = proposeMerges([source('catalog', catalog), source('store', store)]);
    expect(proposal?.lookups).toEqual([
      { source: 'catalog', coordinate: 'Query.items', merge: { keyField: 'id', keysArg: 'ids' } },
      {
        source: 'store',
        coordinate: 'Query.batchGetItems',
        merge: { keyField: 'id', keysArg: 'input.ids', result: 'items' },
      },
    ]);
    expect(proposal?.reasons).toEqual([
      'each of the sources looks up an item in bulk by id',
      'the examples of their keys look alike',
    ]);
  });

  it('is one once its policies say so', () => {
    const [proposal] = proposeMerges([source('catalog', catalog), source('store', store)]);
    const accepted = Object.entries({ catalog, store }).map(([name, given]) => {
      return source(name, { ...given, policy: parse(proposal?.policies[name] ?? '') });
    });
    expect(composeWith(accepted, []).publicText).toMatch(/type Item \{[^}]*title: String[^}]*pieces: Int/);
    expect(proposeMerges(accepted)).toEqual([]);
  });

  it('could be one where both have the number that the world gives it', () => {
    const plain = changed(catalog, '"Example: `itm_01`"', '');
    expect(between(plain, store)).toEqual([]);
    expect(between(plain, changed(store, 'pieces: Int', 'pieces: Int, sku: String!'))).toEqual(['Item']);
  });

  it('is left alone where anything speaks against it', () => {
    expect(between(catalog, changed(store, 'itm_77', '77'))).toEqual([]);
    expect(between(catalog, changed(store, 'pieces: Int', 'title: Int'))).toEqual([]);
    expect(between(catalog, changed(store, 'id: String!', 'id: Int!'))).toEqual([]);
    expect(between(catalog, changed(store, 'ids: [String!]', 'ids: String'))).toEqual([]);
  });

  it('is left alone between public services of different domains', () => {
    const rest = {
      reads: { 'GET /stock': 'stock(ids: [String!]): [Item]' },
      types: store.types.replace(/ type Items.*/s, ''),
    };
    const hosted = (host: string) => between({ ...catalog, host: 'https://api.catalog.com' }, { ...rest, host });
    expect(hosted('https://api.store.com')).toEqual([]);
    expect(hosted('https://store.catalog.com')).toEqual(['Item']);
  });

  it('is told only where the new source has it', () => {
    expect(between(catalog, store, 'store')).toEqual(['Item']);
    expect(between(catalog, store, 'other')).toEqual([]);
  });
});
