/** What compose refuses and what it leaves out; what clients get to see. */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compose, faultsOf, type Given } from './kit.ts';

describe('faults', () => {
  const shop: Given = { sdl: 'type Query { products(ids: [ID!]): [Product]; } type Product { id: ID! }' };

  it('in joins.graphql are told all at once, with file and line', () => {
    const joins = `extend type Product {
  a: Product
  b: Product @resolveTo(sourceName: "nobody", sourceFieldName: "products", keyField: "id", keysArg: "ids")
  c: Product @resolveTo(sourceName: "shop", sourceFieldName: "nothing", keyField: "id", keysArg: "ids")
  d: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "sku", keysArg: "ids")
  e: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "id", keysArg: "keys")
  f: String @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "id", keysArg: "ids")
  g: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "id", keysArg: "ids", valueKeyField: "sku")
  h: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "id", keysArg: "ids", colour: "red")
  id: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "id", keysArg: "ids")
  i: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keysArg: "ids")
}
extend type Nothing { a: Int }
type New { a: Int }`;
    const faults = faultsOf(() => compose({ shop: { ...shop, joins } }));
    expect(faults.map((fault) => Number(/^sources\/shop\/joins\.graphql:(\d+): /.exec(fault)?.[1]))).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14,
    ]);
  });

  it('in joins whose rows of many keys could not say whose they are name what is missing', () => {
    const sdl =
      'type Query { products(ids: [ID!]!): [Product]; product(id: ID): Product; orders: [Order]; } type Product { id: ID! } type Order { productId: ID }';
    const joins = `extend type Order {
  all: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "productId", keysArg: "ids")
  told: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "productId", keysArg: "ids", valueKeyField: "id")
  one: Product @resolveTo(sourceName: "shop", sourceFieldName: "product", keyField: "productId", keysArg: "id")
}`;
    expect(faultsOf(() => compose({ shop: { sdl, joins } }))).toEqual([
      'sources/shop/joins.graphql:2: Order.all: Product has no productId: write valueKeyField, the field of Product that holds its key.',
    ]);
  });

  it('in two sources are told together', () => {
    const faults = faultsOf(() =>
      compose({
        shop: { ...shop, joins: 'extend type Product {' },
        b: { sdl: 'type Query { b: Int; }', joins: 'extend type X { a: Int }' },
      }),
    );
    expect(faults).toEqual([
      expect.stringMatching(/^sources\/shop\/joins\.graphql:1: Syntax Error/),
      expect.stringMatching(/^sources\/b\/joins\.graphql:1: There is no type X\./),
    ]);
  });

  it('in merge are told with the coordinate', () => {
    const policy = {
      coordinates: {
        'Query.nothing': { merge: { keyField: 'id', keysArg: 'ids' } },
        'Query.products': { merge: { keyField: 'sku', keysArg: 'keys' } },
      },
    };
    const faults = faultsOf(() => compose({ shop: { ...shop, policy } }));
    expect(faults.join('\n')).toMatch(
      /Query\.nothing[\s\S]*Query\.products: Product has no field sku[\s\S]*no argument keys/,
    );
  });

  it('are fields that mean different things in the sources of a shared type', () => {
    const policy = { coordinates: { 'Query.items': { merge: { keyField: 'id', keysArg: 'ids' } } } };
    const sdl = (type: string): string =>
      `type Query { items(ids: [ID!]): [Item]; } type Item { id: ID! size: ${type} }`;
    const faults = faultsOf(() => compose({ a: { sdl: sdl('Int!'), policy }, b: { sdl: sdl('[String!]') } }));
    expect(faults).toEqual([expect.stringContaining('Item.size is [String] here and Int in a')]);
  });
});

describe('a shared type', () => {
  it('promises of a common field no more than each source does', () => {
    const policy = { coordinates: { 'Query.items': { merge: { keyField: 'id', keysArg: 'ids' } } } };
    const { publicText } = compose({
      a: {
        sdl: 'type Query { items(ids: [ID!]): [Item]; } type Item { id: ID! size: Int! tags: [Int!]! own: Int! }',
        policy,
      },
      b: { sdl: 'type Query { others: [Item]; } type Item { id: ID! size: Int tags: [Int]! }' },
    });
    expect(publicText).toContain('type Item {\n  id: ID!\n  size: Int\n  tags: [Int]!\n  own: Int\n}');
  });
});

describe('an absent source', () => {
  it('takes its own joins with it and nothing else', () => {
    const joins = `extend type Product {
      gone: Product @resolveTo(sourceName: "gone", sourceFieldName: "x", keyField: "id", keysArg: "ids")
      twin: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "id", keysArg: "ids")
    }
    extend type OfGone { p: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "id", keysArg: "ids") }`;
    const shop = { sdl: 'type Query { products(ids: [ID!]): [Product]; } type Product { id: ID! }', joins };
    const { publicText } = compose({ shop }, new Map(), ['gone']);
    expect(publicText).toContain('type Product {\n  id: ID!\n  twin: Product\n}');
    expect(publicText).not.toContain('OfGone');
  });
});

describe('the public text', () => {
  it('holds no wire mapping and no address, and is the same text every time', () => {
    const given: Record<string, Given> = {
      a: {
        sdl: 'type Query { a: Int @deprecated(reason: "old"); b: Thing; } type Thing { id: ID @resolveRootField(subgraph: "a", field: "_id") }',
      },
      b: { sdl: 'type Query { c: Int; } type Mutation { m(x: Int = 3): Int; }' },
    };
    const first = compose(given);
    expect(compose(given)).toEqual(first);
    expect(first.publicText).not.toMatch(/@(?!deprecated)/);
    expect(first.publicText).not.toContain('internal');
    expect(first.privateText).toContain('@resolveRootField(subgraph: "a", field: "_id")');
    expect(first.publicText).toContain('@deprecated(reason: "old")');
    expect(buildSchema(first.publicText).getMutationType()?.getFields()['m']?.args[0]?.defaultValue).toBe(3);
  });
});
