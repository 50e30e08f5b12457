/** What becomes of the names, types and joins of several sources. */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { LockedTypes } from '../../../gateway/compose/collide.ts';
import { ComposeError, unify } from '../../../gateway/compose/unify.ts';
import { policySchema } from '../../../gateway/config/policy.ts';

type Given = { sdl: string; joins?: string; policy?: unknown };

/** Root fields without a wire mapping get one, so that contracts here read like SDL. */
function source(name: string, { sdl, joins = '', policy = {} }: Given): Parameters<typeof unify>[0][number] {
  const wired = sdl.replace(
    /type (Query|Mutation) \{([\s\S]*?)\n?\}/g,
    (_whole, root: string, fields: string) =>
      `type ${root} {${fields.replaceAll(';', ` @httpOperation(subgraph: "${name}", path: "/x", httpMethod: "GET")\n`)}}`,
  );
  const text = `extend schema @transport(subgraph: "${name}", kind: "rest", location: "http://${name}.internal")\n${wired}`;
  return { name, text, joins, policy: policySchema.parse(policy) };
}

function compose(sources: Record<string, Given>, locked: LockedTypes = new Map(), absent: string[] = []) {
  const list = Object.entries(sources).map(([name, given]) => source(name, given));
  return unify(list, locked, new Set(absent));
}

function typeNames(text: string): string[] {
  return Object.keys(buildSchema(text).getTypeMap()).filter((name) => !name.startsWith('__'));
}

function faultsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ComposeError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('types of one name', () => {
  it('are one when they are structurally equal, texts and order aside', () => {
    const { publicText, renamed } = compose({
      a: {
        sdl: 'type Query { a: Money; } "An amount" type Money { amount: Int! currency: Unit! } enum Unit { EUR USD }',
      },
      b: {
        sdl: 'type Query { b: Money; } enum Unit { USD EUR } type Money { "ISO" currency: Unit! amount: Int! @deprecated(reason: "x") }',
      },
    });
    expect(renamed).toEqual([]);
    expect(typeNames(publicText)).toEqual(expect.arrayContaining(['Money', 'Unit']));
    expect(typeNames(publicText).filter((name) => /Money|Unit/.test(name))).toHaveLength(2);
  });

  it('are apart when they differ; what refers to the later one follows, and it is reported', () => {
    const { publicText, renamed } = compose({
      shop: { sdl: 'type Query { s: Price; } type Price { money: Money } type Money { amount: Int! }' },
      bank: {
        sdl: `type Query { b(filter: Filter): Price; c: Any; } type Price { money: Money } type Money { amount: Float! }
          type Holder { price: [Price!]! } union Any = Money | Holder input Filter { least: Int }`,
      },
    });
    const schema = buildSchema(publicText);
    expect(String(schema.getQueryType()?.getFields()['b']?.type)).toBe('BankPrice');
    expect(publicText).toContain('type BankPrice {\n  money: BankMoney\n}');
    expect(publicText).toContain('price: [BankPrice!]!');
    expect(publicText).toContain('union Any = BankMoney | Holder');
    expect(publicText).toContain('type Price {\n  money: Money\n}');
    expect(renamed.map(({ source: by, from, to }) => `${by} ${from} ${to}`).sort()).toEqual([
      'bank Money BankMoney',
      'bank Price BankPrice',
    ]);
  });

  it('are apart when enum values are other texts on the wire', () => {
    const { publicText } = compose({
      a: { sdl: 'type Query { a: State; } enum State { OPEN @enum(subgraph: "a", value: "\\"open\\"") }' },
      b: { sdl: 'type Query { b: State; } enum State { OPEN @enum(subgraph: "b", value: "\\"OPEN!\\"") }' },
    });
    expect(typeNames(publicText)).toEqual(expect.arrayContaining(['State', 'BState']));
  });

  it('are one as enums when their wire values are the same', () => {
    const { publicText } = compose({
      a: { sdl: 'type Query { a: State; } enum State { OPEN @enum(subgraph: "a", value: "\\"open\\"") }' },
      b: { sdl: 'type Query { b: State; } enum State { OPEN @enum(subgraph: "b", value: "\\"open\\"") }' },
    });
    expect(typeNames(publicText)).not.toContain('BState');
  });

  it('of different kinds are apart', () => {
    const { publicText } = compose({
      a: { sdl: 'type Query { a: Thing; } type Thing { id: ID }' },
      b: { sdl: 'type Query { b(t: Thing): Int; } input Thing { id: ID }' },
    });
    expect(publicText).toContain('b(t: BThing): Int');
  });

  it('keep discriminator mappings with the renamed members', () => {
    const { privateText } = compose({
      a: { sdl: 'type Query { a: Cat; } type Cat { lives: Int }' },
      b: {
        sdl: `type Query { b: Pet; } union Pet @discriminator(subgraph: "b", field: "kind", mapping: [["Cat", "Cat"], ["Dog", "Dog"]]) = Cat | Dog
          type Cat { meow: String } type Dog { bark: String }`,
      },
    });
    expect(privateText).toContain('mapping: [["Cat", "BCat"], ["Dog", "Dog"]]');
  });
});

describe('root fields of one name', () => {
  it('get the source in front, and know their own name', () => {
    const { publicText, privateText, renamed } = compose({
      shop: { sdl: 'type Query { status: String; }' },
      'bank-two': { sdl: 'type Query { status: String; }' },
    });
    expect(Object.keys(buildSchema(publicText).getQueryType()?.getFields() ?? {}).sort()).toEqual([
      'bankTwoStatus',
      'status',
    ]);
    expect(privateText).toContain('@source(subgraph: "bank-two", name: "status")');
    expect(renamed).toEqual([
      expect.objectContaining({ source: 'bank-two', from: 'Query.status', to: 'bankTwoStatus' }),
    ]);
  });
});

describe('names given before', () => {
  const shop = { sdl: 'type Query { status: Money; } type Money { amount: Int! }' };
  const bank = { sdl: 'type Query { status: Money; } type Money { amount: Float! }' };

  function lockOf({ names }: ReturnType<typeof compose>): LockedTypes {
    return new Map(
      [...names.types].map(([name, types]) => [
        name,
        { types: Object.fromEntries(types), fields: Object.fromEntries(names.fields.get(name) ?? []) },
      ]),
    );
  }

  it('stay when a new source is put first', () => {
    const before = compose({ shop });
    const { publicText } = compose({ bank, shop }, lockOf(before));
    expect(publicText).toContain('status: Money');
    expect(publicText).toContain('bankStatus: BankMoney');
    expect(publicText).toContain('type Money {\n  amount: Int!\n}');
  });

  it('stay when the source they gave way to is gone', () => {
    const both = compose({ shop, bank });
    const { publicText } = compose({ bank }, new Map([...lockOf(both)].filter(([name]) => name === 'bank')));
    expect(publicText).toContain('bankStatus: BankMoney');
  });

  it('do not keep a type apart that is declared shared now', () => {
    const entity = (more: string): string =>
      `type Query { all${more}: [Item]; byIds${more}(ids: [ID!]): [Item]; } type Item { id: ID! ${more}: Int }`;
    const apart = compose({ a: { sdl: entity('a') }, b: { sdl: entity('b') } });
    expect(typeNames(apart.publicText)).toContain('BItem');
    const policy = { coordinates: { 'Query.byIdsb': { merge: { keyField: 'id', keysArg: 'ids' } } } };
    const { publicText } = compose({ a: { sdl: entity('a') }, b: { sdl: entity('b'), policy } }, lockOf(apart));
    expect(publicText).toContain('type Item {\n  id: ID!\n  a: Int\n  b: Int\n}');
  });
});

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
