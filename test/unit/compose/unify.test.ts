/** What becomes of the names and types of several sources. */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { LockedTypes } from '../../../gateway/compose/collide.ts';
import { compose, typeNames } from './kit.ts';

describe('types of one name', () => {
  it('are one when they are structurally equal, texts and order aside', () => {
    const { publicText, renamed, shared } = compose({
      a: {
        sdl: 'type Query { a: Money; } "An amount" type Money { amount: Int! currency: Unit! } enum Unit { EUR USD }',
      },
      b: {
        sdl: 'type Query { b: Money; } enum Unit { USD EUR } type Money { "ISO" currency: Unit! amount: Int! @deprecated(reason: "x") }',
      },
    });
    expect(renamed).toEqual([]);
    expect([...shared].map(([name, types]) => [name, ...types])).toEqual([['a'], ['b', ['Unit', 'a'], ['Money', 'a']]]);
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

  it('stay whatever order the sources are listed in', () => {
    const first = compose({ shop, bank });
    expect(compose({ bank, shop }, lockOf(first)).publicText).toBe(first.publicText);
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
