/** What validating a document came to is asked for once for each list of rules. */
import { buildSchema, GraphQLError, parse, specifiedRules } from 'graphql';
import { expect, it } from 'vitest';
import { createVerdicts } from '../../../gateway/validate/verdicts.ts';

it('a document is validated once by equal rules, and anew by others or for another schema', () => {
  const verdictOf = createVerdicts();
  const [one, two] = [buildSchema('type Query { a: Int }'), buildSchema('type Query { b: Int }')];
  const [a, b] = [parse('{ a }'), parse('{ b }')];
  const other = specifiedRules.slice(1);
  let asked = 0;
  const ask = (schema = one, document = a, rules: readonly (typeof specifiedRules)[number][] = [...specifiedRules]) =>
    verdictOf(schema, document, rules, () => {
      asked += 1;
      return asked === 1 ? [] : [new GraphQLError(`fault ${asked}`)];
    });
  const counted = (...args: Parameters<typeof ask>) => [
    ask(...args)
      .map(({ message }) => message)
      .join(),
    asked,
  ];
  expect([counted(), counted()]).toEqual([
    ['', 1],
    ['', 1],
  ]);
  expect([counted(one, b), counted(one, b)]).toEqual([
    ['fault 2', 2],
    ['fault 2', 2],
  ]);
  expect([counted(one, a, other), counted(one, a, [...other])]).toEqual([
    ['fault 3', 3],
    ['fault 3', 3],
  ]);
  expect([counted(two), counted(two), counted()]).toEqual([
    ['fault 4', 4],
    ['fault 4', 4],
    ['', 4],
  ]);
});
