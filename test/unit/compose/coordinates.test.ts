/** What policies say of coordinates becomes directives of the unified schema's private text, and never of the public one. */
import { buildSchema, type GraphQLSchema, isEnumType, isInputObjectType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { directivesNamed } from '../../../gateway/lib/sdl.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';
import { compose, faultsOf } from './kit.ts';

const shop = `type Query { orders(limit: Int, filter: Filter): [Order!]; page(input: Page): Orders; found: Found; }
  type Mutation { write: Order; }
  type Order implements Found { id: ID state: State lines: [Int] } enum State { A B } input Filter { text: String }
  input Page { first: Int } type Orders { items: [Order!] total: Int } interface Found { id: ID } union Any = Order | Orders`;

function read(privateText: string): GraphQLSchema {
  return buildSchema(`${WIRE_DIRECTIVES} ${privateText}`, { assumeValidSDL: true });
}

function fieldOf(schema: GraphQLSchema, coordinate: string) {
  const [name = '', field = ''] = coordinate.split('.');
  const type = schema.getType(name);
  if (!isObjectType(type) && !isInputObjectType(type)) throw new Error(`no type ${name}`);
  return type.getFields()[field];
}

describe('coordinates of a policy', () => {
  it('are directives on fields, arguments, types and fields of inputs', () => {
    const coordinates = {
      'Query.orders': {
        cost: 2.5,
        argumentCosts: { filter: -1 },
        listSize: { slicingArguments: ['limit'] },
        rateLimit: { max: 5, windowMs: 1500, identityArgs: ['filter.text'] },
      },
      'Query.page': {
        listSize: {
          assumedSize: 3,
          slicingArguments: ['input.first'],
          sizedFields: ['items'],
          requireOneSlicingArgument: false,
        },
      },
      'Order.id': { cost: 1 },
      Order: { cost: 4 },
      State: { cost: 0.5 },
      'Filter.text': { cost: 7 },
    };
    const { privateText, publicText } = compose({ shop: { sdl: shop, policy: { coordinates } } });
    expect(publicText).not.toMatch(/@(cost|listSize|rateLimit)/);
    const schema = read(privateText);
    const orders = fieldOf(schema, 'Query.orders');
    expect(directivesNamed(orders?.astNode, 'cost')).toEqual([{ weight: '2.5' }]);
    expect(directivesNamed(orders?.astNode, 'listSize')).toEqual([{ slicingArguments: ['limit'] }]);
    expect(directivesNamed(orders?.astNode, 'rateLimit')).toEqual([
      { max: 5, window: '1500ms', identityArgs: ['filter.text'] },
    ]);
    const args = orders && 'args' in orders ? orders.args : [];
    expect(args.map(({ astNode }) => directivesNamed(astNode, 'cost'))).toEqual([[], [{ weight: '-1' }]]);
    expect(directivesNamed(fieldOf(schema, 'Query.page')?.astNode, 'listSize')).toEqual([
      { assumedSize: 3, slicingArguments: ['input.first'], sizedFields: ['items'], requireOneSlicingArgument: false },
    ]);
    expect(directivesNamed(schema.getType('Order')?.astNode, 'cost')).toEqual([{ weight: '4' }]);
    const state = schema.getType('State');
    expect(isEnumType(state) && directivesNamed(state.astNode, 'cost')).toEqual([{ weight: '0.5' }]);
    expect(directivesNamed(fieldOf(schema, 'Filter.text')?.astNode, 'cost')).toEqual([{ weight: '7' }]);
  });

  it('are in a team’s own names, whatever other sources made of them, and reach fields that joins add', () => {
    const join =
      'extend type Order { again: Order @resolveTo(sourceName: "bank", sourceFieldName: "order", keyField: "id", keysArg: "id", valueKeyField: "id") }';
    const bank = {
      sdl: 'type Query { orders: [Order!]; order(id: Int): Order; } type Order { id: Int other: Boolean }',
      joins: join.replaceAll('Order', 'BankOrder'),
      policy: { coordinates: { 'Query.orders': { cost: 3 }, 'Order.other': { cost: 2 }, 'Order.again': { cost: 6 } } },
    };
    const schema = read(compose({ shop: { sdl: shop }, bank }).privateText);
    expect(directivesNamed(fieldOf(schema, 'Query.bankOrders')?.astNode, 'cost')).toEqual([{ weight: '3' }]);
    expect(directivesNamed(fieldOf(schema, 'Query.orders')?.astNode, 'cost')).toEqual([]);
    expect(directivesNamed(fieldOf(schema, 'BankOrder.other')?.astNode, 'cost')).toEqual([{ weight: '2' }]);
    expect(directivesNamed(fieldOf(schema, 'BankOrder.again')?.astNode, 'cost')).toEqual([{ weight: '6' }]);
  });

  it.each([
    [{ 'Query.order': { cost: 1 } }, 'Query.order: the source has no such field; did you mean "orders"?'],
    [{ 'Nothing.x': { cost: 1 } }, 'Nothing.x: the source has no type Nothing.'],
    [{ Nothing: { cost: 1 } }, 'Nothing: the source has no type Nothing.'],
    [{ Order: { listSize: { assumedSize: 1 } } }, 'Order: a type takes nothing but `cost`.'],
    [{ Any: { cost: 1 } }, 'Any: `cost` stands on objects, scalars and enums: name the types that it may be.'],
    [{ 'Found.id': { cost: 1 } }, 'Found.id: `cost` does not stand on fields of an interface'],
    [{ 'Query.orders': { argumentCosts: { max: 1 } } }, 'Query.orders: there is no argument max.'],
    [{ 'Query.orders': { listSize: { slicingArguments: ['filter.first'] } } }, 'there is no argument filter.first.'],
    [{ 'Query.orders': { rateLimit: { max: 1, identityArgs: ['x'] } } }, 'there is no argument x.'],
    [
      { 'Query.page': { listSize: { assumedSize: 1 } } },
      '`listSize` stands on lists: name the lists below in sizedFields.',
    ],
    [{ 'Query.page': { listSize: { assumedSize: 1, sizedFields: ['total'] } } }, 'total is no list of Orders.'],
    [{ 'Filter.text': { rateLimit: { max: 1 } } }, 'a field of an input takes nothing but `cost`.'],
  ])('that do not fit are told: %j', (coordinates, message) => {
    const faults = faultsOf(() => compose({ shop: { sdl: shop, policy: { coordinates } } }));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('sources/shop/policy.yaml:1: coordinates ');
    expect(faults[0]).toContain(message);
  });

  it('of what an absent source would have brought are left out', () => {
    const coordinates = { 'Order.again': { cost: 1 } };
    const { privateText } = compose({ shop: { sdl: shop, policy: { coordinates } } }, new Map(), ['bank']);
    expect(privateText).not.toContain('@cost');
  });
});
