/** What of a schema an operation uses. */
import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { coordinatesOf } from '../../../gateway/record/coordinates.ts';

const schema = buildSchema(`
  directive @mark(with: Kind) on FIELD
  type Query { pets(first: Int, kind: Kind, where: Filter, all: [Filter!]): [Pet!] node(id: ID!): Node found: [Found!] }
  type Mutation { add(input: Input!): Pet }
  type Subscription { added(kind: Kind): Pet }
  interface Node { id: ID! }
  union Found = Pet | Shop
  type Pet implements Node { id: ID! name(long: Boolean = false): String shop: Shop }
  type Shop implements Node { id: ID! pets: [Pet!] }
  enum Kind { CAT DOG }
  input Filter { kind: Kind or: [Filter!] text: String }
  input Input { name: String! filter: Filter }
`);

describe('an operation uses', () => {
  it.each<[string, string, string[]]>([
    [
      'fields and arguments',
      '{ pets(first: 1) { id name(long: true) } }',
      ['Pet.id', 'Pet.name', 'Pet.name.long', 'Query.pets', 'Query.pets.first'],
    ],
    [
      'no field of introspection, nor what only directives say',
      '{ __schema { queryType { name } } pets { __typename @mark(with: CAT) } }',
      ['Kind.CAT', 'Query.pets'],
    ],
    [
      'values of enums as written',
      '{ pets(kind: CAT) { id } }',
      ['Kind.CAT', 'Pet.id', 'Query.pets', 'Query.pets.kind'],
    ],
    [
      'fields of inputs as written, at any depth',
      '{ pets(where: { or: [{ kind: DOG }] }) { id } }',
      ['Filter', 'Filter.kind', 'Filter.or', 'Kind.DOG', 'Pet.id', 'Query.pets', 'Query.pets.where'],
    ],
    [
      'an input of which nothing is written',
      '{ pets(all: [{}]) { id } }',
      ['Filter', 'Pet.id', 'Query.pets', 'Query.pets.all'],
    ],
    [
      'all that a variable may hold',
      'mutation ($input: Input!) { add(input: $input) { id } }',
      [
        'Filter',
        'Filter.kind',
        'Filter.or',
        'Filter.text',
        'Input',
        'Input.filter',
        'Input.name',
        'Kind.CAT',
        'Kind.DOG',
        'Mutation.add',
        'Mutation.add.input',
        'Pet.id',
      ],
    ],
    [
      'what a variable in an input and a default say',
      'query ($kind: Kind = CAT, $where: Filter = { text: "x" }) { pets(where: { kind: $kind }, all: [$where]) { id } }',
      [
        'Filter',
        'Filter.kind',
        'Filter.or',
        'Filter.text',
        'Kind.CAT',
        'Kind.DOG',
        'Pet.id',
        'Query.pets',
        'Query.pets.all',
        'Query.pets.where',
      ],
    ],
    [
      'types that fragments name, and what is selected on',
      '{ node(id: 1) { id ... on Pet { ...P } } } fragment P on Pet { shop { id } }',
      ['Node', 'Node.id', 'Pet', 'Pet.shop', 'Query.node', 'Query.node.id', 'Shop.id'],
    ],
    ['a union by its name', '{ found { __typename } }', ['Found', 'Query.found']],
    [
      'fields of subscriptions',
      'subscription { added(kind: DOG) { id } }',
      ['Kind.DOG', 'Pet.id', 'Subscription.added', 'Subscription.added.kind'],
    ],
  ])('%s', (_, text, coordinates) => {
    expect(coordinatesOf(schema, parse(text), undefined)).toEqual(coordinates);
  });

  it('only what is its own: other operations of the document and their fragments are others', () => {
    const document = parse(`query A { pets { ...X } } query B { node(id: 1) { ...Y } }
      fragment X on Pet { shop { ...Z } } fragment Z on Shop { id } fragment Y on Node { id } fragment Unused on Shop { pets { id } }`);
    expect(coordinatesOf(schema, document, 'A')).toEqual(['Pet', 'Pet.shop', 'Query.pets', 'Shop', 'Shop.id']);
    expect(coordinatesOf(schema, document, 'C')).toEqual([]);
  });
});
