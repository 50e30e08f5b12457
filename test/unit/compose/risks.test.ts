/** What an import report says of lists, ids and joins. */
import { describe, expect, it } from 'vitest';
import { findRisks } from '../../../gateway/compose/risks/find-risks.ts';
import { type Given, source } from './propose/kit.ts';

type Kind = 'unboundedLists' | 'missingIds' | 'callsPerKey';

function at(kind: Kind, given: Readonly<Record<string, Given>>, of = 'shop'): string[] {
  const sources = Object.entries(given).map(([name, each]) => source(name, each));
  return (
    findRisks(sources)
      .get(of)
      ?.[kind].first.map((finding) => finding.at) ?? []
  );
}

const PET = 'type Pet { id: ID! name: String ownerId: ID }';

describe('a list without a limit', () => {
  it.each<[string, Given['reads'], string, boolean]>([
    ['a plain list', { 'GET /pets': 'pets: [Pet!]' }, '', true],
    ['one that takes a filter', { 'GET /pets': 'pets(status: String, createdAfter: String): [Pet]' }, '', true],
    ['one below something', { 'GET /owners/{id}/pets': 'petsOf(id: ID!): [Pet]' }, '', true],
    ['a list of texts', { 'GET /tags': 'tags: [String]' }, '', true],
    ['a page', { 'GET /pets': 'pets: PetPage' }, 'type PetPage { items: [Pet] total: Int }', true],
    ['a list by keys that may be left out', { 'GET /pets': 'pets(ids: [ID!]): [Pet]' }, '', true],
    ['a list by keys', { 'GET /pets': 'pets(ids: [ID!]!): [Pet]' }, '', false],
    ['one with a limit', { 'GET /pets': 'pets(limit: Int = 20): [Pet]' }, '', false],
    ['one with pages', { 'GET /pets': 'pets(page_size: Int, pageToken: String): [Pet]' }, '', false],
    ['one with a cursor', { 'GET /pets': 'pets(after: String): [Pet]' }, '', false],
    [
      'a map',
      { 'GET /stock': 'stock: [Entry!] @dictionary(subgraph: "shop")' },
      'type Entry { key: String value: Int }',
      false,
    ],
    ['one row', { 'GET /pets/{id}': 'pet(id: ID!): Pet' }, '', false],
    [
      'a gRPC list',
      { 'v1.Shop/ListPets': 'listPets(input: Q): Pets' },
      'input Q { name: String } type Pets { pets: [Pet!] }',
      true,
    ],
    [
      'a gRPC list by pages',
      { 'v1.Shop/ListPets': 'listPets(input: Q): Pets' },
      'input Q { page: P } input P { n: Int } type Pets { pets: [Pet!] }',
      false,
    ],
    [
      'a gRPC list by keys',
      { 'v1.Shop/BatchGetPets': 'batchGetPets(input: Q): Pets' },
      'input Q { ids: [ID!] } type Pets { pets: [Pet!] }',
      false,
    ],
  ])('%s', (_, reads, types, isOne) => {
    const [field = ''] = Object.values(reads);
    const name = `Query.${/^\w+/.exec(field)?.[0]}`;
    expect(at('unboundedLists', { shop: { reads, types: `${PET} ${types}` } })).toEqual(isOne ? [name] : []);
  });

  it('is none that a policy shows a stream as, which has a limit of its own', () => {
    const { text, ...rest } = source('shop', { reads: { 'v1.Shop/WatchPets': 'watchPets: [Pet!]' }, types: PET });
    const streamed = text.replace('responseType: "A")', 'responseType: "A", responseStream: true)');
    expect(findRisks([{ text, ...rest }]).get('shop')?.unboundedLists.count).toBe(1);
    expect(findRisks([{ text: streamed, ...rest }]).get('shop')?.unboundedLists.count).toBe(0);
  });
});

describe('a type without an id', () => {
  it.each<[string, string, string, boolean]>([
    ['rows of no key', 'GET /lines', 'type Row { text: String tags: [ID] }', true],
    ['rows with an id', 'GET /lines', 'type Row { id: ID }', false],
    ['rows with the key of something else', 'GET /lines', 'type Row { orderId: ID text: String }', false],
    ['rows with a number of their own', 'GET /rows', 'type Row { rowNumber: Int }', false],
    ['rows with a number of something else', 'GET /lines', 'type Row { pageNumber: Int }', true],
    ['an id that is an object', 'GET /lines', 'type Row { id: Id } type Id { a: Int }', true],
  ])('%s', (_, path, types, isOne) => {
    expect(at('missingIds', { shop: { reads: { [path]: 'rows: [Row]' }, types } })).toEqual(isOne ? ['Row'] : []);
  });

  it('may be the only one of its kind, and a name is an id where things are got by it', () => {
    const types = 'type Health { status: String } type Topic { name: String }';
    const reads = { 'GET /health': 'health: Health', 'GET /topics/{name}': 'topic(name: String!): Topic' };
    expect(at('missingIds', { shop: { reads, types } })).toEqual([]);
    expect(at('missingIds', { shop: { reads: { 'GET /topics': 'topics: [Topic]' }, types } })).toEqual(['Topic']);
  });
});

describe('a lookup that costs a call per key', () => {
  const types = `${PET} type Owner { id: ID! favouritePetId: ID } type Order { id: ID! orderedById: ID petId: ID }`;
  const one = { 'GET /pets/{id}': 'pet(id: ID!): Pet', 'GET /owners/{id}': 'owner(id: ID!): Owner' };
  const many = { 'GET /pets': 'pets(ids: [ID!]!): [Pet]', 'GET /owners': 'owners(ids: [ID!]!): [Owner]' };

  it('is told with who holds its keys', () => {
    const found = findRisks([source('shop', { reads: one, types })]).get('shop')?.callsPerKey;
    expect(found?.first).toEqual([
      { at: 'Query.owner', text: 'GET /owners/{id} takes one key; Pet.ownerId holds one: a join costs a call per key' },
      { at: 'Query.pet', text: expect.stringMatching(/Order\.petId/) },
    ]);
  });

  it('is none where a bulk operation stands beside it, nor where nothing holds its keys', () => {
    expect(at('callsPerKey', { shop: { reads: { ...one, ...many }, types } })).toEqual([]);
    expect(
      at('callsPerKey', { shop: { reads: one, types: 'type Pet { id: ID! petId: ID } type Owner { id: ID! }' } }),
    ).toEqual([]);
  });

  it('is found across sources, and counted for the one that is asked', () => {
    const orders = { reads: { 'GET /orders': 'orders: [Order]' }, types: 'type Order { id: ID! petId: ID }' };
    const given = { shop: { reads: { 'GET /pets/{id}': 'pet(id: ID!): Pet' }, types: 'type Pet { id: ID! }' }, orders };
    expect(at('callsPerKey', given)).toEqual(['Query.pet']);
    expect(at('callsPerKey', given, 'orders')).toEqual([]);
  });
});

it('what is told of a large contract stays small', () => {
  const fields = Array.from({ length: 300 }, (_, index) => [`GET /a${index}`, `a${index}: [String]`]);
  const risks = findRisks([source('shop', { reads: Object.fromEntries(fields), types: '' })]).get('shop');
  expect(risks?.unboundedLists).toMatchObject({ count: 300, first: expect.objectContaining({ length: 100 }) });
});
