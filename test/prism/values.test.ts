/** The values that Prism is asked with: they fit their schema, and the gateway's own mapper gives them back as they were. */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createInputMapper } from '../../gateway/connect/input.ts';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import { encodeElement } from './encode.ts';
import { NOTHING, sample } from './sample.ts';

const schemas: Record<string, unknown> = {
  Node: { type: 'object', required: ['next'], properties: { next: { $ref: 'Node' } } },
  Cat: { type: 'object', required: ['lives'], properties: { lives: { type: 'integer', minimum: 3 } } },
};
const context = { resolve: (ref: string) => schemas[ref], fits: (_schema: unknown, value: unknown) => value !== 'bad' };

describe('a sample', () => {
  it.each<[string, unknown, unknown]>([
    ['takes the first example that fits', { type: 'string', example: 'bad', examples: ['good'] }, 'good'],
    ['takes the first value of an enum', { enum: [null, 'a', 'b'] }, 'a'],
    ['keeps bounds', { type: 'integer', minimum: 5, exclusiveMinimum: true, maximum: 6 }, 6],
    ['keeps bounds as 3.1 writes them', { type: 'number', exclusiveMinimum: 1, maximum: 1.5 }, 1.5],
    ['is a multiple', { type: 'integer', minimum: 7, multipleOf: 5 }, 10],
    ['is as long as it has to be', { type: 'string', minLength: 6, maxLength: 6 }, 'textte'],
    ['follows a format', { type: ['null', 'string'], format: 'date' }, '2026-01-02'],
    ['has as many items as it has to', { type: 'array', minItems: 2, items: { type: 'boolean' } }, [true, true]],
    [
      'leaves out what is read only',
      { properties: { a: { type: 'string', readOnly: true }, b: { const: 1 } } },
      { b: 1 },
    ],
    ['unites what allOf lists', { allOf: [{ $ref: 'Cat' }, { properties: { b: { const: 2 } } }] }, { lives: 3, b: 2 }],
    [
      'is marked by the discriminator',
      { oneOf: [{ $ref: 'Cat' }], discriminator: { propertyName: 'kind', mapping: { 'a-cat': 'Cat' } } },
      { lives: 3, kind: 'a-cat' },
    ],
    ['is nothing where a schema needs itself', { $ref: 'Node' }, NOTHING],
  ])('%s', (_, schema, expected) => {
    expect(sample(schema, context)).toEqual(expected);
  });

  it('matches a pattern', () => {
    expect(sample({ type: 'string', pattern: '^[a-c]{2}-\\d{3}$' }, context)).toMatch(/^[a-c]{2}-\d{3}$/);
  });
});

const schema = buildSchema(
  `${WIRE_DIRECTIVES}
  directive @oneOf on INPUT_OBJECT
  scalar Bytes
  enum Size { small, extra_large @enum(subgraph: "api", value: "\\"extra-large\\"") }
  input EntryInput { key: String!, value: Int! }
  input CatInput { lives: Int!, first_name: String @resolveRootField(subgraph: "api", field: "first-name") }
  input ChoiceInput @oneOf {
    cat: CatInput @resolveRoot(subgraph: "api")
    text: String @resolveRoot(subgraph: "api")
    counts: [EntryInput!] @resolveRoot(subgraph: "api") @dictionary(subgraph: "api")
  }
  input AllInput { choice: ChoiceInput, list: [ChoiceInput!], map: [EntryInput!] @dictionary(subgraph: "api"), rest: [EntryInput!] @dictionary(subgraph: "api", rest: true) }
  type Query { all(input: AllInput): Int }`,
  { assumeValidSDL: true },
);

describe('an input', () => {
  const [arg] = schema.getQueryType()?.getFields()['all']?.args ?? [];
  if (arg === undefined) throw new Error('the schema has no argument');
  const mapBack = createInputMapper(arg.type, 'api');

  it.each<[string, unknown]>([
    ['an object among choices', { choice: { lives: 9, 'first-name': 'Tom' } }],
    ['a text among choices', { choice: 'none' }],
    ['a map among choices', { choice: { a: 1, b: 2 } }],
    ['choices in a list', { list: ['a', { lives: 1 }] }],
    ['a map, and what stands beside the properties', { map: { x: 1 }, extra: 2, more: 3 }],
  ])('says %s, and the mapper of the connector says it back', (_, wire) => {
    const encoded = encodeElement(arg, wire);
    expect(encoded?.dropped).toBe(0);
    expect(mapBack(encoded?.value)).toEqual(wire);
  });

  it('that cannot say a value is told from one that can', () => {
    expect(encodeElement(arg, 'text')).toBeUndefined();
    expect(encodeElement(arg, { map: { x: 'no number' } })).toBeUndefined();
  });
});
