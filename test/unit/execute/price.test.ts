/** Prices by the examples of the specification (ibm.github.io/graphql-specs/cost-spec.html), and with the calls that are predicted. */
import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../gateway/context.ts';
import { createInsight } from '../../../gateway/execute/insight.ts';
import { readModel } from '../../../gateway/execute/model.ts';
import { createPlanner } from '../../../gateway/execute/planner.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const call = '@httpOperation(subgraph: "shop", path: "/", httpMethod: "GET")';
const SDL = `${WIRE_DIRECTIVES}
extend schema @transport(subgraph: "shop", kind: "rest") @transport(subgraph: "people", kind: "rest")
type Query {
  users(max: Int): [User] @listSize(slicingArguments: ["max"]) ${call}
  guessed(limit: Int): [User] ${call}
  top: [String] @cost(weight: "5.0") @listSize(assumedSize: 10) ${call}
  topBy(filter: Filter @cost(weight: "15.0")): [String] @cost(weight: "5.0") ${call}
  popular(approx: Boolean @cost(weight: "-3.0"), rough: Boolean @cost(weight: "-99")): User @cost(weight: "5.0") ${call}
  films(first: Int, last: Int, after: ID): Films @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"]) ${call}
  loose(first: Int, last: Int): [User] @listSize(slicingArguments: ["first", "last"], assumedSize: 7, requireOneSlicingArgument: false) ${call}
  paged(input: Page): [User] @listSize(slicingArguments: ["input.first"]) ${call}
  usual(first: Int = 3): [User] @listSize(slicingArguments: ["first"]) ${call}
  grid: [[User]] ${call}
  things: [Thing] @listSize(assumedSize: 4) ${call}
  people(ids: [ID!]): [Person] @httpOperation(subgraph: "people", path: "/", httpMethod: "GET")
}
type Mutation { write: User ${call} }
input Filter { approx: Boolean @cost(weight: "-12.0") inner: Filter }
input Page { first: Int }
type User @source(subgraph: "shop") { name: String age: Int @cost(weight: "2.0") friend: User state: State
  person: Person @resolveTo(sourceName: "people", sourceFieldName: "people", keyField: "name", keysArg: "ids", valueKeyField: "id", batchSize: 5) }
type Person @source(subgraph: "people") @cost(weight: "0.5") { id: ID name: String }
enum State @cost(weight: "0.25") { ON OFF }
type Films @source(subgraph: "shop") { edges: [Edge] nodes: [User] count: Int }
type Edge @source(subgraph: "shop") { node: User }
interface Thing @source(subgraph: "shop") { id: ID }
type Light implements Thing @source(subgraph: "shop") { id: ID user: User }
type Heavy implements Thing @source(subgraph: "shop") @cost(weight: "8") { id: ID user: User }
`;

const schema = buildSchema(SDL, { assumeValidSDL: true });
const model = readModel(schema);
/** Calls count only where a test says so: what is left is the specification's. */
function insightWith(weight: number, shares = true) {
  return createInsight({
    model,
    planner: createPlanner(model),
    generation: 'g',
    policyOf: () => ({}),
    shares: () => shares,
    weightOf: (source) => (source === 'people' ? weight * 3 : weight),
  });
}
const free = insightWith(0);
const priceOf = (query: string, variables: Record<string, unknown> = {}, insight = free) =>
  insight.price({ document: parse(query), variables });

describe('a price', () => {
  it.each([
    // The root costs 1, a field with objects 1 and each of them 1 (§7.1).
    ['{ users(max: 5) { name } }', 1 + 1 + 5],
    // Example 2: five times a field of weight 2.
    ['{ users(max: 5) { age } }', 1 + 1 + 5 + 10],
    ['{ users(max: 0) { age } }', 1 + 1],
    ['{ top }', 1 + 5],
    // Examples 10 and 12: arguments add to their field, input fields to their argument.
    ['{ topBy }', 1 + 5],
    ['{ topBy(filter: {}) }', 1 + 20],
    ['{ topBy(filter: { approx: true }) }', 1 + 8],
    ['{ topBy(filter: { inner: { approx: true } }) }', 1 + 20 + 1 - 12],
    // Example 11: less, but never less than nothing.
    ['{ popular { name } }', 1 + 5 + 1],
    ['{ popular(approx: true) { name } }', 1 + 2 + 1],
    ['{ popular(rough: true) { name } }', 1 + 0 + 1],
    // Example 18: the list is one of the fields below.
    ['{ films(first: 4) { edges { node { name } } count } }', 1 + 2 + 1 + 4 + 4 + 4],
    ['{ films(last: 4) { nodes { name } } }', 1 + 2 + 1 + 4],
    ['{ loose { name } }', 1 + 1 + 7],
    ['{ loose(first: 2) { name } }', 1 + 1 + 2],
    // The largest of several (§8.2).
    ['{ loose(first: 2, last: 9) { name } }', 1 + 1 + 9],
    ['{ paged(input: { first: 6 }) { name } }', 1 + 2 + 6],
    ['{ usual { name } }', 1 + 1 + 3],
    ['{ users(max: 2) { state } }', 1 + 1 + 2 + 0.5],
    ['{ users(max: 2) { friend { friend { name } } } }', 1 + 1 + 2 + 4 + 4],
    // Without any directive: as long as the usual arguments say, else ten; lists in lists multiply.
    ['{ guessed { name } }', 1 + 1 + 10],
    ['{ guessed(limit: 3) { name } }', 1 + 1 + 3],
    ['{ grid { name } }', 1 + 1 + 100],
    // What a value may be of counts once: the dearest (§7.2).
    ['{ things { id } }', 1 + 1 + 4 * 8],
    ['{ things { ... on Light { user { name } } } }', 1 + 1 + 4 * 8],
    ['{ things { ... on Light { user { age } } ... on Heavy { user { name } } } }', 1 + 1 + 4 * (8 + 1 + 1)],
    ['{ a: users(max: 1) { name } b: users(max: 2) { name } }', 1 + 2 + 3],
    ['{ __typename __schema { types { fields { name } } } }', 1],
    ['mutation { write { name } }', 1 + 1 + 1],
    ['{ users(max: 2) { person { name } } }', 1 + 1 + 2 + 2 + 1],
  ])('of %s is %d', (query, points) => {
    expect(priceOf(query).points).toBe(points);
  });

  it('follows variables, @skip and @include, and fragments', () => {
    const query =
      'query ($n: Int, $s: Boolean!) { users(max: $n) { ...F friend @skip(if: $s) { name } } } fragment F on User { age }';
    expect(priceOf(query, { n: 3, s: true }).points).toBe(1 + 1 + 3 + 6);
    expect(priceOf(query, { n: 3, s: false }).points).toBe(1 + 1 + 3 + 6 + 6);
  });

  it('names lists without their one slicing argument, and the sizes that are asked for', () => {
    expect(priceOf('{ films { count } }').unsliced).toEqual([{ coordinate: 'Query.films', anyOf: ['first', 'last'] }]);
    expect(priceOf('{ films(first: 1, last: 1) { count } }').unsliced).toHaveLength(1);
    expect(priceOf('query ($n: Int) { films(first: $n) { count } }').unsliced).toHaveLength(1);
    expect(
      priceOf('query ($n: Int) { films(first: $n) { count } usual { name } loose { name } }', { n: 1 }).unsliced,
    ).toEqual([]);
    const { pages } = priceOf(
      '{ paged(input: { first: 6 }) { name } guessed(limit: 3) { name } people(ids: [1, 2]) { id } }',
    );
    expect(pages).toEqual([
      { coordinate: 'Query.paged', argument: 'input.first', size: 6 },
      { coordinate: 'Query.paged', argument: 'input.first', size: 6 },
      { coordinate: 'Query.guessed', argument: 'limit', size: 3 },
      { coordinate: 'Query.people', argument: 'ids', size: 2 },
    ]);
  });

  it('holds the calls that explain predicts, each with its weight, where they are first met', () => {
    const insight = insightWith(10);
    const query = '{ users(max: 12) { person { name } } a: guessed(limit: 3) { person { id } } }';
    const price = priceOf(query, {}, insight);
    expect(price.calls).toBe(insight.explain({ document: parse(query) }).predictedCalls);
    expect(price.calls).toBe(2 + 3);
    expect(price.parts.slice(0, 2)).toEqual([
      { coordinate: 'User.person', path: 'users.person', source: 'people', points: 3 * 30 + 12 * 1.5, calls: 3 },
      { coordinate: 'Query.users', path: 'users', source: 'shop', points: 10 + 1 + 12, calls: 1 },
    ]);
    expect(Object.fromEntries(price.bySource)).toEqual({
      shop: { points: 20 + 2 + 15, calls: 2 },
      people: { points: 90 + 15 * 1.5, calls: 3 },
    });
    expect(price.points).toBe(1 + 37 + 112.5);
  });

  it('counts equal reads of one source once, where they share a call', () => {
    const query = '{ a: guessed(limit: 3) { name } b: guessed(limit: 3) { age } c: guessed(limit: 4) { name } }';
    expect(priceOf(query).calls).toBe(2);
    expect(priceOf(query, {}, insightWith(0, false)).calls).toBe(3);
    expect(priceOf('mutation { a: write { name } b: write { name } }').calls).toBe(2);
  });

  it('is remembered for variables that make no difference, and made anew for those that do', () => {
    const document = parse(
      'query ($n: Int, $ids: [ID!], $f: Filter) { users(max: $n) { age } people(ids: $ids) { id } topBy(filter: $f) }',
    );
    const of = (variables: Record<string, unknown>) => free.price({ document, variables });
    const first = of({ n: 2, ids: ['a', 'b'] });
    expect(of({ n: 2, ids: ['c', 'd'] })).toBe(first);
    expect(of({ n: 3, ids: ['a', 'b'] }).points).toBe(first.points + 3);
    expect(of({ n: 2, ids: ['a'] }).points).toBe(first.points - 0.5);
    expect(of({ n: 2, ids: ['a', 'b'], f: {} }).points).toBe(first.points + 15);
    const two = parse('query ($a: Int, $b: Int) { x: guessed(limit: $a) { name } y: guessed(limit: $b) { name } }');
    const callsOf = (a: number, b: number) => free.price({ document: two, variables: { a, b } }).calls;
    expect([callsOf(1, 2), callsOf(2, 2), callsOf(2, 1)]).toEqual([2, 1, 2]);
  });

  it('says so when an operation is too large to be looked at as a whole', () => {
    const wide = Array.from({ length: 6000 }, (_, index) => `a${index}: users(max: 1) { name }`).join(' ');
    expect(priceOf(`{ ${wide} }`).isTruncated).toBe(true);
    expect(priceOf('{ users(max: 1) { name } }').isTruncated).toBe(false);
  });
});

describe('the real cost', () => {
  const record = (source: string, more: Partial<CallRecord> = {}): CallRecord => {
    return { source, operation: 'x', keys: 0, ms: 1, bytes: 0, outcome: 'ok', ...more };
  };
  const { costOf, points, calls } = priceOf(
    '{ users(max: 5) { age friend { name } person { id } } }',
    {},
    insightWith(10),
  );
  const user = { age: 1, friend: null, person: null };

  it('is of what there is in the data, and of the calls that went out', () => {
    const data = { users: [user, { ...user, friend: { name: 'x' }, person: { id: 1 } }, null] };
    const records = [record('shop'), record('people', { attempts: 2 }), record('people', { cache: 'hit' })];
    // Three fields below two users: weights 2, 1 and 1.
    expect(costOf(records, data)).toMatchObject({ points: 1 + 1 + 2 + 2 * 4 + 1 + 0.5 + 10 + 60, calls: 3 });
    expect(costOf(records, data).bySource.get('people')).toEqual({ points: 60 + 2 + 0.5, calls: 2 });
  });

  it('is never above the price, when lists are as long as they were said to be', () => {
    const full = { age: 1, friend: { name: 'x' }, person: { id: 1 } };
    const made = [record('shop'), record('people')];
    expect(costOf(made, { users: new Array(5).fill(full) })).toMatchObject({ points, calls });
    expect(costOf([], { users: [] }).points).toBe(2);
  });

  it('is of the calls alone where there was no answer, and as priced where nobody saw it', () => {
    expect(costOf([record('shop')], null)).toMatchObject({ points: 10, calls: 1 });
    expect(costOf([record('shop')], undefined).points).toBe(points - 10 - 30 + 10);
  });

  it('tells members of an interface apart as far as the data does', () => {
    const both = priceOf('{ things { __typename id ... on Light { user { name } } } }');
    expect(
      both.costOf([], {
        things: [
          { __typename: 'Heavy', id: 1 },
          { __typename: 'Light', id: 2, user: { name: 'x' } },
        ],
      }).points,
    ).toBe(1 + 1 + 8 + 1 + 1 + 1);
    const silent = priceOf('{ things { id ... on Light { user { name } } } }');
    expect(silent.costOf([], { things: [{ id: 1 }, { id: 2, user: null }] }).points).toBe(1 + 1 + 8 + 1 + 1);
  });
});
