/** What a plan says about keeping the answer: ages, for whom, and what of the request it depends on. */

import fc from 'fast-check';
import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Ages, leastAges } from '../../../gateway/execute/field-rules.ts';
import { createInsight } from '../../../gateway/execute/insight.ts';
import { readModel } from '../../../gateway/execute/model.ts';
import { createPlanner } from '../../../gateway/execute/planner.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const call = (source: string): string => `@httpOperation(subgraph: "${source}", path: "/x", httpMethod: "GET")`;
const SDL = `
type Query {
  orders: [Order] ${call('orders')} @cacheControl(maxAge: 60, staleWhileRevalidate: 10)
  order(by: By): Order ${call('orders')} @cacheControl(maxAge: 30)
  people(ids: [ID]): [Person] ${call('people')} @cacheControl(maxAge: 20, scope: "PRIVATE")
  parts(ids: [ID]): [Part] ${call('parts')}
  found: Found ${call('orders')} @cacheControl(maxAge: 40)
  vaults: [Vault] ${call('orders')} @cacheControl(maxAge: 40)
  bare: Person ${call('people')}
  locked: Locked ${call('orders')} @cacheControl(maxAge: 40)
}
type Mutation { change: Order ${call('orders')} }
type Order { id: ID @entityId name: String total: Int @cacheControl(maxAge: 7, tags: ["money"]) ownerId: ID
  owner: Person @resolveTo(sourceName: "people", sourceFieldName: "people", keyField: "ownerId", keysArg: "ids", valueKeyField: "id")
  parts: [Part] @resolveTo(sourceName: "parts", sourceFieldName: "parts", keyField: "id", keysArg: "ids", valueKeyField: "orderId")
}
type Part { orderId: ID label: String }
interface Found { label: String @cacheControl(maxAge: 9) }
type Person implements Found { id: ID @entityId label: String salary: Int @requiresScopes(scopes: [["hr"]]) boss: Person }
type Robot implements Found { label: String serial: String @policy(name: "owner") }
type Vault { id: ID @entityId @requiresScopes(scopes: [["x"]]) label: String }
type Locked @authenticated { name: String }
input By { id: ID deep: Deep }
input Deep { secret: ID @authenticated }
`;

const schema = buildSchema(`${WIRE_DIRECTIVES} ${SDL}`, { assumeValidSDL: true });
const model = readModel(schema);
const insight = createInsight({
  ...{ model, planner: createPlanner(model), generation: 'g', policyOf: () => ({}) },
  forwardedOf: (source, operation) => [`x-${source}`, `x-${operation}`],
});
const keeping = (query: string, variables = {}) => insight.keeping({ document: parse(query), variables }).keeping;

describe('the ages of an operation', () => {
  it.each([
    ['{ orders { name } }', 60_000, 'Query.orders'],
    ['{ orders { name total } }', 7000, 'Order.total'],
    ['{ orders { ... { ...F } } } fragment F on Order { a: total }', 7000, 'Order.total'],
    ['{ orders { name } order { name } }', 30_000, 'Query.order'],
    // What is joined is as old as the root field that answers it allows, which the client did not write.
    ['{ orders { owner { label } } }', 9000, 'Person.label'],
    ['{ orders { owner { id } } }', 20_000, 'Order.owner'],
    // Through an interface, whichever type it turns out to be.
    ['{ found { label } }', 9000, 'Person.label'],
    ['{ found { ... on Robot { serial } } }', 40_000, 'Query.found'],
    ['query ($no: Boolean = true) { orders { total @skip(if: $no) name } }', 60_000, 'Query.orders'],
  ])('%s', (query, maxAgeMs, leastAt) => {
    const { ages, leastAt: at } = keeping(query);
    expect([ages?.maxAgeMs, at]).toEqual([maxAgeMs, leastAt]);
  });

  it('are none where no field has any, and stale time ends with the first that is too old', () => {
    expect(keeping('{ bare { label: id } }').ages).toBeUndefined();
    expect(keeping('{ orders { name } }').ages).toEqual({
      ...{ maxAgeMs: 60_000, staleWhileRevalidateMs: 10_000, staleIfErrorMs: 0 },
    });
    expect(keeping('{ orders { name } order { name } }').ages?.staleWhileRevalidateMs).toBe(0);
  });

  it('end with the first of all, in whatever order they are taken', () => {
    const ms = fc.nat(1000);
    const ages = fc.record<Ages>({ maxAgeMs: ms, staleWhileRevalidateMs: ms, staleIfErrorMs: ms });
    const ends = (each: Ages): number[] => [
      each.maxAgeMs,
      each.maxAgeMs + each.staleWhileRevalidateMs,
      each.maxAgeMs + each.staleIfErrorMs,
    ];
    fc.assert(
      fc.property(fc.array(ages, { minLength: 1, maxLength: 5 }), (list) => {
        const [first, ...others] = list;
        if (!first) return;
        const least = others.reduce(leastAges, first);
        expect(others.reverse().reduceRight((sum, each) => leastAges(each, sum), first)).toEqual(least);
        for (const index of [0, 1, 2])
          expect(ends(least)[index]).toBe(Math.min(...list.map((each) => ends(each)[index] ?? 0)));
      }),
    );
  });
});

describe('what an answer depends on', () => {
  it('is told: calls, headers, types, lists, tags, and whose it is', () => {
    expect(keeping('{ orders { total owner { id } parts { label } } }')).toMatchObject({
      sources: ['orders', 'people', 'parts'],
      headers: ['x-orders', 'x-parts', 'x-people'],
      types: ['Order', 'Person', 'Part'],
      lists: ['Order', 'Part'],
      tags: ['money'],
      privateAt: 'Order.owner',
      unaged: new Map([['parts.parts', 'Order.parts']]),
    });
    expect(keeping('{ order { name } }').headers).toEqual(['x-order', 'x-orders']);
  });

  it.each([
    ['{ orders { name } }', false],
    ['{ orders { owner { salary } } }', true],
    ['{ found { ... on Robot { serial } } }', true],
    ['{ locked { name } }', true],
    // Rules on what an argument may hold count for every use of it.
    ['{ order(by: { id: "1" }) { name } }', true],
  ])('on what is granted to who asks: %s', (query, isGuarded) => {
    expect(keeping(query).isGuarded).toBe(isGuarded);
  });

  it('includes values that an interface does not tell apart', () => {
    // Robot has no id, so that the interface has none, and a person behind it is anybody.
    expect(keeping('{ found { label } }').unsure).toEqual(['Person']);
    expect(keeping('{ orders { owner { label } } }').unsure).toEqual([]);
    // An id that not everybody may ask for is asked for by nobody in the client’s place.
    expect(keeping('{ vaults { label } }').unsure).toEqual(['Vault']);
  });
});

it('mutations and introspection are never kept', () => {
  expect(keeping('mutation { change { name } }').never).toBe('mutation');
  expect(keeping('{ orders { name } __schema { queryType { name } } }').never).toBe('introspection');
  expect(keeping('{ __typename orders { __typename name } }').never).toBeUndefined();
});
