/** What of an OpenAPI contract is carried along, what is upgraded, and what is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { get, openapi, read, refusal, schemaOf, signatures } from './kit.ts';
import { readEach, SEEDS, shuffleOpenapi } from './shuffle.ts';

const root = join(import.meta.dirname, '../../..');

const ref = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` });
const string = { type: 'string' };

describe('unions', () => {
  it('told apart by a discriminator know wire values and members', async () => {
    const animal = (kind: string, own: string): unknown => ({
      type: 'object',
      required: ['kind'],
      properties: { kind: string, [own]: string },
      title: `${kind} text that is no name`,
    });
    const made = await read({
      files: openapi(
        { '/p': get('pet', ref('Pet')) },
        {
          Pet: {
            oneOf: [ref('cat_type'), ref('Dog')],
            discriminator: {
              propertyName: 'kind',
              mapping: { cat: '#/components/schemas/cat_type', dog: '#/components/schemas/Dog' },
            },
          },
          cat_type: animal('cat', 'meow'),
          Dog: animal('dog', 'bark'),
        },
      ),
    });
    expect(made.text).toContain('union Pet');
    expect(made.text).toContain('mapping: [["cat", "CatType"], ["dog", "Dog"]]');
    expect(signatures(schemaOf(made), 'CatType')).toEqual(['kind: String', 'meow: String']);
  });
});

describe('texts', () => {
  it('carry descriptions, deprecations and examples; a deprecated operation leaves its type alone', async () => {
    const made = await read({
      files: openapi(
        {
          '/o': get('old', ref('Thing'), { deprecated: true, summary: 'Old way', description: 'Use new.' }),
          '/n': get('fresh', ref('Thing'), {
            parameters: [
              { name: 'q', in: 'query', description: 'What to seek', schema: { type: 'string', example: 'tea' } },
            ],
          }),
        },
        {
          Thing: {
            type: 'object',
            description: 'A thing',
            properties: {
              name: { type: 'string', description: 'Its name', example: 'lamp' },
              legacy: { type: 'string', deprecated: true },
            },
          },
        },
      ),
    });
    const query = schemaOf(made).getQueryType()?.getFields();
    expect(query?.['old']?.deprecationReason).toBeTruthy();
    expect(query?.['old']?.description).toBe('Old way\n\nUse new.');
    expect(query?.['fresh']?.deprecationReason).toBeUndefined();
    expect(query?.['fresh']?.args[0]?.description).toContain('What to seek');
    const thing = schemaOf(made).getType('Thing');
    const fields = thing && 'getFields' in thing ? thing.getFields() : {};
    expect(thing?.description).toBe('A thing');
    expect(fields['name']?.description).toBe('Its name\n\nExample: `lamp`');
    expect('deprecationReason' in (fields['name'] ?? {}) && fields['name']?.deprecationReason).toBeFalsy();
    expect(fields['legacy']?.deprecationReason).toBeTruthy();
  });
});

describe('a Swagger 2.0 contract', () => {
  it('is read like the others', async () => {
    const document = {
      swagger: '2.0',
      info: { title: 't', version: '1' },
      host: 'shop.example',
      basePath: '/v2',
      schemes: ['https'],
      produces: ['application/json'],
      paths: {
        '/pets': {
          get: {
            operationId: 'listPets',
            parameters: [{ name: 'tags', in: 'query', type: 'array', items: string, collectionFormat: 'csv' }],
            responses: { 200: { description: 'ok', schema: { type: 'array', items: { $ref: '#/definitions/Pet' } } } },
          },
          post: {
            operationId: 'addPet',
            parameters: [{ name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/Pet' } }],
            responses: { 201: { description: 'ok', schema: { $ref: '#/definitions/Pet' } } },
          },
        },
      },
      definitions: {
        Pet: {
          type: 'object',
          required: ['id'],
          properties: { id: { type: 'integer', format: 'int64' }, name: string },
        },
      },
    };
    const made = await read({ files: { 'openapi.json': JSON.stringify(document) } });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['listPets(tags: [String!]): [Pet]']);
    expect(signatures(schema, 'Mutation')).toEqual(['addPet(input: PetInput!): Pet']);
    expect(signatures(schema, 'Pet')).toEqual(['id: Int64', 'name: String']);
    expect(made.text).toContain('location: "https://shop.example/v2"');
    expect(made.text).toMatch(/explode: false/);
  });
});

describe('a broken contract', () => {
  it.each([
    ['no JSON', { 'openapi.json': '{"openapi": ' }],
    ['no YAML', { 'openapi.yaml': 'a: [1\nb: }' }],
    ['another kind of file', { 'openapi.yaml': 'just: text' }],
    ['no paths', { 'openapi.json': '{"openapi":"3.0.0"}' }],
    ['no operations', openapi({})],
    ['an empty file', { 'openapi.yaml': '' }],
  ])('(%s) is refused in one sentence', async (_title, files) => {
    const error = await refusal({ files });
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.message).toMatch(/^[A-Z].{10,300}$/);
    expect(error.message).not.toMatch(/\n|node_modules|\.ts:|\/tmp\//);
  });

  it('shows as JSON what its references do not lead to', async () => {
    const schemas = { A: { type: 'object', properties: { a: ref('Nope'), b: string } } };
    const made = await read({ files: openapi({ '/x': get('x', ref('Nothing')), '/y': get('y', ref('A')) }, schemas) });
    expect(signatures(schemaOf(made), 'Query')).toEqual(['x: JSON', 'y: A']);
    expect(signatures(schemaOf(made), 'A')).toEqual(['a: JSON', 'b: String']);
  });

  it('does not hold back what can be served of it', async () => {
    const made = await read({
      files: openapi({
        '/x': get('x', string, { parameters: [{ $ref: '#/components/parameters/No' }] }),
        '/y': get('y', string),
      }),
    });
    expect(signatures(schemaOf(made), 'Query')).toEqual(['y: String']);
    expect(made.report.leftOut).toEqual([expect.objectContaining({ operation: 'GET /x' })]);
  });

  it('tells of bodies that cannot be written', async () => {
    // Nothing says what the document holds.
    const schema = { description: 'a document' };
    const post = (operationId: string, required: boolean): unknown => ({
      post: {
        operationId,
        requestBody: { required, content: { 'application/xml': { schema } } },
        responses: { '204': { description: 'ok' } },
      },
    });
    const made = await read({ files: openapi({ '/a': post('a', true), '/b': post('b', false) }) });
    expect(signatures(schemaOf(made), 'Mutation')).toEqual(['b: Void']);
    expect(made.report.leftOut).toEqual([expect.objectContaining({ operation: 'POST /a' })]);
    expect(made.report.notes).toEqual([expect.objectContaining({ pointer: '/paths/~1b/post/requestBody' })]);
  });
});

describe('a contract in another order gives the same text, byte by byte', () => {
  it.each([
    'sources/orders/openapi.yaml',
    'test/contracts/openapi/discriminators.yaml',
    'test/contracts/openapi/duplicate-operation-ids.yaml',
    'test/contracts/openapi/swagger-2.yaml',
  ])('%s', async (file) => {
    const document = parse(readFileSync(join(root, file), 'utf8')) as Record<string, unknown>;
    const orders = [document, ...SEEDS.map((seed) => shuffleOpenapi(document, seed))].map((each) =>
      JSON.stringify(each),
    );
    expect(new Set(orders).size).toBeGreaterThan(SEEDS.length / 2);
    const texts = await readEach(orders.map((text) => ({ 'openapi.json': text })));
    expect(new Set(texts).size).toBe(1);
  });

  it('security schemes, which are asked for by name', async () => {
    const schemes = { b: { type: 'http', scheme: 'basic' }, a: { type: 'apiKey', in: 'header', name: 'x-key' } };
    const paths = { '/x': { get: { operationId: 'x', responses: { 204: { description: 'done' } } } } };
    const contract = (securitySchemes: unknown): string =>
      JSON.stringify({ openapi: '3.0.3', info: { title: 't', version: '1' }, paths, components: { securitySchemes } });
    const texts = await readEach([
      { 'openapi.json': contract(schemes) },
      { 'openapi.json': contract({ a: schemes.a, b: schemes.b }) },
    ]);
    expect(texts[0]).toContain('schemes: [{name: "a"');
    expect(texts[1]).toBe(texts[0]);
  });
});
