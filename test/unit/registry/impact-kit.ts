/** A small shop, operations that clients run against it, and what an impact says of them. */
import { buildSchema, type GraphQLSchema, parse, validate } from 'graphql';
import { expect } from 'vitest';
import { coordinatesOf } from '../../../gateway/record/coordinates.ts';
import type { OperationRecord } from '../../../gateway/record/store.ts';
import type { Impact } from '../../../gateway/registry/impact.ts';

export const SDL = `
  type Query {
    pets(first: Int, kind: Kind, where: PetFilter): [Pet!]
    pet(id: ID!): Pet
    node(id: ID!): Node
    found(text: String): [Found!]
  }
  type Mutation { addPet(input: PetInput!): Pet }
  interface Node { id: ID! }
  union Found = Pet | Owner
  type Pet implements Node { id: ID! name: String! kind: Kind owner: Owner tags(first: Int = 5): [String!] }
  type Owner implements Node { id: ID! email: String pets: [Pet!] }
  enum Kind { CAT DOG FISH }
  input PetFilter { name: String kind: Kind owner: OwnerFilter }
  input OwnerFilter { email: String }
  input PetInput { name: String! kind: Kind nick: String }
`;

export const OPERATIONS = {
  names: '{ pets { name } }',
  first: '{ pets(first: 3) { id } }',
  cats: '{ pets(kind: CAT) { id } }',
  byKind: 'query ($kind: Kind) { pets(kind: $kind) { id } }',
  filtered: '{ pets(where: { owner: { email: "x" } }) { id } }',
  byFilter: 'query ($where: PetFilter) { pets(where: $where) { id } }',
  nothing: '{ pets(where: {}) { id } }',
  owner: '{ pet(id: 1) { owner { ...O } } } fragment O on Owner { email }',
  node: '{ node(id: 1) { id ... on Pet { name } } }',
  found: '{ found { __typename ... on Owner { email } } }',
  tags: '{ pet(id: 1) { tags } }',
  add: 'mutation ($input: PetInput!) { addPet(input: $input) { id } }',
  addCat: 'mutation { addPet(input: { name: "x", kind: CAT }) { id } }',
} as const;
export type Name = keyof typeof OPERATIONS;

const before = buildSchema(SDL);
export const recorded = Object.entries(OPERATIONS).map(([name, text]) => toRecord(before, name, text));

/** What does not run against the new schema any more has to be among the broken. */
export function expectSound(after: string, impact: Impact): void {
  const schema = buildSchema(after, { assumeValidSDL: true });
  const refused = Object.entries(OPERATIONS).filter(([, text]) => validate(schema, parse(text)).length > 0);
  expect(namesOf(impact)).toEqual(expect.arrayContaining(refused.map(([name]) => name)));
}

export function namesOf({ broken }: Impact): string[] {
  return broken.first.map(({ name }) => name).sort();
}

export function toRecord(schema: GraphQLSchema, name: string, text: string): OperationRecord {
  const coordinates = coordinatesOf(schema, parse(text), undefined);
  return { hash: name, name, client: 'web', lastSeen: 0, count: 1, coordinates };
}
