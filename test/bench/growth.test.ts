import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import {
  type Contract,
  countOperations,
  createContract,
  createPartnersContract,
  createRowsContract,
} from '../../bench/growth/contracts.ts';
import { askRows, askThing } from '../../bench/growth/cost.ts';
import { countRootFields, pickQuestion } from '../../bench/growth/giant.ts';
import { createSources } from '../../bench/growth/projects.ts';

const operationIds = ({ paths }: Contract) =>
  Object.values(paths).flatMap((methods) =>
    Object.values(methods).map((operation) => (operation as { operationId: string }).operationId),
  );

/** What a contract refers to and does not have. */
function danglingRefs(contract: Contract): string[] {
  const names = [...JSON.stringify(contract).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name ?? '',
  );
  return names.filter((name) => !(name in contract.components.schemas));
}

test.each([1, 5, 7, 200])('a contract asked for %i operations has as many, each with a name of its own', (count) => {
  const contract = createContract('s3', count);
  expect(countOperations(contract)).toBe(count);
  expect(new Set(operationIds(contract)).size).toBe(count);
  expect(operationIds(contract)).toContain('s3Read0');
});

test('no two sources share the name of an operation or of a type', () => {
  const contracts = createSources(50, 200).map(({ contract }) => contract as Contract);
  expect(new Set(contracts.flatMap(operationIds)).size).toBe(10_000);
  const types = contracts.flatMap(({ components }) => Object.keys(components.schemas));
  expect(new Set(types).size).toBe(types.length);
});

test.each([createContract('s0', 12), createRowsContract(), createPartnersContract()])(
  'the contract of $info.title has all that it refers to',
  (contract) => {
    expect(danglingRefs(contract)).toEqual([]);
  },
);

test('questions are documents, and ask for as much as they expect', () => {
  expect(parse(askThing('hot', '7').query).definitions).toHaveLength(1);
  expect(parse(askRows(100).query).definitions).toHaveLength(1);
  expect(askRows(100).expected).toMatchObject({ rows: { length: 100, 99: { partner: { id: 'p99' } } } });
});

test('of any schema, one object that needs no argument is asked for', () => {
  const schema = buildSchema(`
    type Query { things: [Thing] thing(id: ID!): Thing either: Either root(page: Int = 1): Thing }
    type Mutation { create: Thing }
    type Thing { id: ID }
    union Either = Thing
  `);
  expect(pickQuestion(schema)).toEqual({
    query: '{ root { __typename } }',
    expected: { root: { __typename: 'Thing' } },
  });
  expect(countRootFields(schema)).toBe(5);
});

test('where there is no such object, it is said', () => {
  expect(() => pickQuestion(buildSchema('type Query { names: [String] }'))).toThrow('needs no argument');
});
