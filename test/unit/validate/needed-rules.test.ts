/** Rules that cannot find anything in a document are left out, and nothing that there is to find. */
import { buildSchema, type DocumentNode, parse, specifiedRules, type ValidationRule, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { neededRules } from '../../../gateway/validate/needed-rules.ts';

const schema = buildSchema(`
  directive @once on FIELD
  interface Named { name: String }
  type Cat implements Named { name: String kin(of: Int!): Cat }
  type Dog implements Named { name: String barks: Boolean }
  input Filter { a: Int b: Int }
  type Query { named: Named cat(id: Int, filter: Filter): Cat dog: Dog }
  type Subscription { cats: Cat dogs: Dog }
`);

const found = (document: DocumentNode, rules: readonly ValidationRule[]): string[] =>
  validate(schema, document, [...rules]).map(({ message }) => message);
/** The rules that find something in a document if they are alone. */
const findersIn = (document: DocumentNode): ValidationRule[] =>
  specifiedRules.filter((rule) => found(document, [rule]).length > 0);

const FAULTY = [
  '{ ...A } fragment A on Int { name }',
  '{ ...Nobody }',
  '{ cat { ...A } } fragment A on Cat { name ...B } fragment B on Cat { name ...A }',
  '{ cat { name } } fragment A on Cat { name }',
  '{ dog { ... on Cat { name } } }',
  '{ cat { ...A } } fragment A on Cat { name } fragment A on Cat { kin(of: 1) { name } }',
  '{ named { ... on Nothing { name } } }',
  '{ cat(id: $id) { name } }',
  'query ($id: Int) { cat { name } }',
  'query ($id: Int, $id: Int) { cat(id: $id) { name } }',
  'query ($cat: Cat) { cat { name } }',
  'query ($id: Nothing) { cat(id: $id) { name } }',
  'query ($id: String) { cat(id: $id) { name } }',
  '{ cat { name @nothing } }',
  '{ cat { name @once @once } }',
  'subscription { cats { name } dogs { name } }',
  '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
  '{ nothing }',
  '{ cat }',
  '{ cat { name { first } } }',
  '{ cat(id: 1, id: 2) { name } }',
  '{ cat(nothing: 1) { name } }',
  '{ cat { kin { name } } }',
  '{ cat(id: "a") { name } }',
  '{ cat(filter: { a: 1, a: 2 }) { name } }',
  '{ cat { name } } { dog { name } }',
  'query A { cat { name } } query A { dog { name } }',
  '{ a: cat { name } a: dog { name } }',
  'type A { b: Int }',
  'extend type Cat @nothing { tail: Int }',
];

describe('of a document with faults', () => {
  it.each(FAULTY)('the same is told: %s', (text) => {
    const document = parse(text);
    const all = found(document, specifiedRules);
    expect(all).not.toEqual([]);
    expect(found(document, neededRules(document, specifiedRules))).toEqual(all);
  });

  it('every rule there is finds something in one of them', () => {
    const finders = new Set(FAULTY.flatMap((text) => findersIn(parse(text))));
    expect(specifiedRules.filter((rule) => !finders.has(rule)).map(({ name }) => name)).toEqual([]);
  });
});

it('a plain document is looked at by few rules, one that nobody parsed by all', () => {
  const plain = parse('{ cat(id: 1) { name } }');
  expect(specifiedRules.length - neededRules(plain, specifiedRules).length).toBeGreaterThan(13);
  expect(neededRules({ ...plain, loc: undefined } as never, specifiedRules)).toBe(specifiedRules);
});
