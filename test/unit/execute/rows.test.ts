/** How many rows a list is priced for, where no `@listSize` says it. */
import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createInsight } from '../../../gateway/execute/insight.ts';
import { isKeyOf } from '../../../gateway/execute/key-arguments.ts';
import { readModel } from '../../../gateway/execute/model.ts';
import { createPlanner } from '../../../gateway/execute/planner.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const call = '@httpOperation(subgraph: "shop", path: "/", httpMethod: "GET")';
const SDL = `${WIRE_DIRECTIVES}
extend schema @transport(subgraph: "shop", kind: "rest")
scalar Int64
type Query {
  orders(limit: Int, size: Int, ids: [ID], orderIds: [ID], categoryIds: [ID], userIds: [ID]): [Order] ${call}
  usually(limit: Int = 20, size: Int, ids: [ID], categoryIds: [ID]): [Order] ${call}
  asked(input: Paging): [Order] ${call}
  paged(limit: Int, ids: [ID], input: Paging): Page ${call}
  mixed(limit: Int): Mixed ${call}
  long(limit: Int64): [Order] ${call}
  byCode(codes: [ID], limit: Int): [Order] ${call}
  byShelf(shelves: [ID]): [Order] ${call}
  merged(numbers: [ID]): [Shared] @merge(subgraph: "shop", keyField: "id", keysArg: "numbers") ${call}
}
type Order @source(subgraph: "shop", name: "Purchase") { id: ID
  other: Order @resolveTo(sourceName: "shop", sourceFieldName: "byCode", keyField: "id", keysArg: "codes")
  next: Order @resolveTo(sourceName: "shop", sourceFieldName: "byShelf", keyField: "id", keysArg: "shelves")
  near: [Order!]! @resolveTo(sourceName: "shop", sourceFieldName: "byShelf", keyField: "id", keysArg: "shelves") }
input Paging { pageSize: Int, ids: [ID] }
type Page @source(subgraph: "shop") { orders: [Order] tags: [String] total: Int }
type Mixed @source(subgraph: "shop") { orders: [Order] others: [Order] }
type Shared @source(subgraph: "shop") { id: ID }
`;

const schema = buildSchema(SDL, { assumeValidSDL: true });
const model = readModel(schema);
const free = createInsight({
  model,
  planner: createPlanner(model),
  generation: 'g',
  policyOf: () => ({}),
  weightOf: () => 0,
});
const priceOf = (query: string) => free.price({ document: parse(query) });

describe('a list', () => {
  const many = (count: number): string => JSON.stringify(Array.from({ length: count }, (_, index) => `${index}`));
  it.each([
    // One that bounds nothing makes no list shorter.
    ['orders(limit: 1000)', 1000],
    ['orders(limit: 1000, size: 1)', 1000],
    ['orders(limit: 1000, categoryIds: [1])', 1000],
    ['orders(limit: 1000, ids: [1])', 1000],
    ['orders(limit: 5, categoryIds: [1, 2, 3, 4, 5, 6, 7, 8])', 5],
    ['usually(size: 1)', 20],
    // Nothing is known: the usual guess.
    ['orders(limit: 0)', 10],
    ['orders(limit: -1)', 10],
    ['orders(ids: [])', 10],
    ['orders(limit: null)', 10],
    // Keys of the rows themselves.
    ['orders(ids: [1, 2])', 2],
    ['orders(orderIds: [1, 2])', 2],
    ['orders(limit: 0, ids: [1, 2])', 2],
    ['orders(ids: [1], orderIds: [1, 2, 3])', 3],
    ['usually(ids: [1, 2])', 2],
    ['usually(ids: [1, 2], limit: 7)', 7],
    [`usually(ids: ${many(300)}, limit: 1)`, 300],
    ['byCode(codes: [1, 2])', 2],
    ['merged(numbers: [1, 2])', 2],
    // Keys of what rows belong to: no row less for them, but some for each.
    ['orders(categoryIds: [1])', 10],
    ['orders(userIds: [1])', 10],
    [`orders(categoryIds: ${many(300)})`, 300],
    ['usually(categoryIds: [1])', 20],
    ['byShelf(shelves: [1])', 10],
    // Longer than a number can tell.
    ['long(limit: "9223372036854775807")', Number.MAX_SAFE_INTEGER],
  ])('takes %s for %d rows', (field, rows) => {
    expect(priceOf(`{ ${field} { id } }`).points).toBe(2 + rows);
  });

  it.each([
    ['paged(limit: 1000) { orders { id } }', 1000],
    ['paged(limit: 0) { orders { id } }', 10],
    ['paged(ids: [1, 2]) { orders { id } }', 10],
    ['paged { orders { id } }', 10],
    // Which of two is the page nobody knows.
    ['mixed(limit: 1000) { orders { id } }', 10],
  ])('below an object that is a page is as long as was asked for: %s', (field, rows) => {
    expect(priceOf(`{ ${field} }`).points).toBe(4 + rows);
  });

  it.each([
    ['asked(input: { pageSize: 1000 }) { id }', 2 + 1000],
    ['asked(input: { ids: [1, 2] }) { id }', 2 + 2],
    ['asked(input: { pageSize: 0 }) { id }', 2 + 10],
    ['paged(input: { pageSize: 1000 }) { orders { id } }', 4 + 1000],
  ])('is as long as an input object says, which costs a point itself: %s', (field, points) => {
    expect(priceOf(`{ ${field} }`).points).toBe(points + 1);
  });

  it('takes keys by the name that the source has for its rows, too', () => {
    const isKey = (name: string): boolean =>
      isKeyOf(model, { of: schema.getType('Order') as never, source: 'shop' }, name);
    expect(['ids', 'order_ids', 'PurchaseIDs', 'categoryIds', 'keys'].map(isKey)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('tells the size of every argument that looks like a page or holds keys, whichever counts', () => {
    const sizes = (field: string) =>
      priceOf(`{ ${field} { id } }`).pages.map(({ argument, size }) => `${argument} ${size}`);
    expect(sizes('orders(limit: 3, size: 1, categoryIds: [1], ids: [1, 2])')).toEqual([
      'limit 3',
      'size 1',
      'ids 2',
      'categoryIds 1',
    ]);
    expect(sizes('byCode(codes: [1, 2, 3])')).toEqual(['codes 3']);
    expect(sizes('long(limit: "9223372036854775807")')).toEqual([`limit ${Number.MAX_SAFE_INTEGER}`]);
    const document = parse('query ($codes: [ID]) { byCode(codes: $codes) { id } }');
    const of = (...codes: string[]) => free.price({ document, variables: { codes } }).points;
    expect([of('a'), of('a', 'b')]).toEqual([3, 4]);
  });
});
