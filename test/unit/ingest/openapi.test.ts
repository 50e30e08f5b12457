/** What an OpenAPI contract becomes. */
import { describe, expect, it } from 'vitest';
import { directivesNamed } from '../../../gateway/lib/sdl.ts';
import { get, json, openapi, read, refusal, schemaOf, signatures } from './kit.ts';

const ref = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` });
const string = { type: 'string' };

describe('names', () => {
  const paths = {
    '/kept': get('listThings', string),
    '/camel': get('Get_other-things', string),
    '/orders/{order-id}/lines': get(undefined, string, {
      parameters: [{ name: 'order-id', in: 'path', required: true, schema: string }],
    }),
    '/zz': get('listThings', string),
    '/hidden': get('hidden', string),
    '/gone': get('oldName', string),
  };
  const policy = {
    operations: { hidden: { exclude: true } },
    names: {
      operations: { 'GET /gone': 'newName' },
      types: { Box: 'Crate' },
      fields: { 'Crate.w': 'width', 'Query.listThings': 'things' },
    },
  };

  it('are the operationId in camelCase, else verb and path; collisions are told; the policy has the last word', async () => {
    const made = await read({
      files: openapi(paths),
      policy: { ...policy, names: { operations: policy.names.operations } },
    });
    expect(signatures(schemaOf(made), 'Query')).toEqual([
      'getOrdersByOrderIdLines(orderId: String!): String',
      'getOtherThings: String',
      'listThings2: String',
      'listThings: String',
      'newName: String',
    ]);
    expect(made.report.operations).toEqual({ total: 6, imported: 5 });
    expect(made.report.leftOut).toEqual([
      { operation: 'GET /hidden', pointer: '/paths/~1hidden/get', reason: 'excluded by policy.yaml' },
    ]);
    expect(made.report.renamed).toEqual([expect.objectContaining({ from: 'listThings', to: 'listThings2' })]);
    expect(made.names.operations['GET /zz']).toBe('listThings2');
  });

  it('given before are kept when the contract grows and is written in another order', async () => {
    const locked = { operations: { 'GET /zz': 'listThings' } };
    const made = await read({ files: openapi(paths), locked });
    expect(made.names.operations).toMatchObject({ 'GET /zz': 'listThings', 'GET /kept': 'listThings2' });
  });

  it('do not depend on the order of paths and schemas', async () => {
    const schemas = {
      box_item: { type: 'object', properties: { a: string } },
      BoxItem: { type: 'object', properties: { b: { type: 'object', properties: { c: string } } } },
    };
    const more = {
      ...paths,
      '/items': get('items', { type: 'array', items: ref('box_item') }),
      '/boxes': get('boxes', ref('BoxItem')),
    };
    const reversed = (value: object): object => Object.fromEntries(Object.entries(value).reverse());
    const [first, second] = [
      await read({ files: openapi(more, schemas) }),
      await read({ files: openapi(reversed(more), reversed(schemas)) }),
    ];
    expect(second.text).toBe(first.text);
  });

  it('of types and fields can be given by the policy; the wire name stays with the field', async () => {
    const made = await read({
      files: openapi(
        { '/b': get('box', ref('Box')) },
        { Box: { type: 'object', properties: { w: { type: 'integer' } } } },
      ),
      policy: { names: { types: { Box: 'Crate' }, fields: { 'Crate.w': 'width' } } },
    });
    expect(signatures(schemaOf(made), 'Crate')).toEqual(['width: Int']);
    expect(made.text).toContain('width: Int @resolveRootField(subgraph: "api", field: "w")');
  });

  it('of anonymous types say where they stand', async () => {
    const inner = {
      type: 'object',
      properties: { street: string, tags: { type: 'array', items: { type: 'object', properties: { t: string } } } },
    };
    const made = await read({
      files: openapi(
        {
          '/c': get('getCustomer', ref('Customer')),
          '/a': get('search', {
            type: 'object',
            properties: { hits: { type: 'array', items: { type: 'object', properties: { x: string } } } },
          }),
        },
        { Customer: { type: 'object', properties: { address: inner } } },
      ),
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Customer')).toEqual(['address: CustomerAddress']);
    expect(signatures(schema, 'CustomerAddress')).toEqual(['street: String', 'tags: [CustomerAddressTag]']);
    expect(signatures(schema, 'Query')).toEqual(['getCustomer: Customer', 'search: SearchResponse']);
    expect(signatures(schema, 'SearchResponse')).toEqual(['hits: [SearchResponseHit]']);
  });
});

describe('nullability', () => {
  const shape = (nullable: unknown, either: unknown): unknown => ({
    type: 'object',
    required: ['sure', 'maybe', 'either', 'list'],
    properties: { sure: string, maybe: nullable, either, loose: string, list: { type: 'array', items: string } },
  });
  const expected = ['either: Part', 'list: [String]!', 'loose: String', 'maybe: String', 'sure: String!'];
  it.each([
    ['3.0.3', { ...string, nullable: true }, { nullable: true, allOf: [ref('Part')] }],
    ['3.1.0', { type: ['string', 'null'] }, { anyOf: [ref('Part'), { type: 'null' }] }],
    ['3.1.0', { oneOf: [string, { type: 'null' }] }, { oneOf: [{ type: 'null' }, ref('Part')] }],
  ])('of %s: what is required and may be null is no non-null field', async (version, nullable, either) => {
    const schemas = { Thing: shape(nullable, either), Part: { type: 'object', properties: { p: string } } };
    const made = await read({ files: openapi({ '/t': get('thing', ref('Thing')) }, schemas, version) });
    const found = signatures(schemaOf(made), 'Thing').map((text) => text.replace('[String!]!', '[String]!'));
    expect(found).toEqual(expected);
  });
});

describe('enums', () => {
  it('keep odd wire values, in answers, arguments, inputs and defaults', async () => {
    const state = { type: 'string', enum: ['in-transit', 'ok', '3rd', 'a b'] };
    const made = await read({
      files: openapi(
        {
          '/p': {
            ...(get(
              'parcels',
              { type: 'array', items: ref('Parcel') },
              {
                parameters: [{ name: 'state', in: 'query', schema: { ...state, default: 'in-transit' } }],
              },
            ) as object),
            post: {
              operationId: 'addParcel',
              requestBody: { content: { 'application/json': { schema: ref('Parcel') } } },
              responses: { '200': json(ref('Parcel')) },
            },
          },
        },
        { Parcel: { type: 'object', properties: { state: ref('State') } }, State: state },
      ),
    });
    const schema = schemaOf(made);
    const type = schema.getType('State');
    const values = type && 'getValues' in type ? type.getValues() : [];
    const wire = values.map(
      ({ name, astNode }) =>
        JSON.parse(String(directivesNamed(astNode, 'enum')[0]?.['value'] ?? `"${name}"`)) as string,
    );
    expect(wire.sort()).toEqual(['3rd', 'a b', 'in-transit', 'ok']);
    expect(signatures(schema, 'ParcelInput')).toEqual(['state: State']);
    expect(
      schema
        .getMutationType()
        ?.getFields()
        ['addParcel']?.args.map((arg) => `${arg.name}: ${String(arg.type)}`),
    ).toEqual(['input: ParcelInput']);
    const [arg] = schema.getQueryType()?.getFields()['parcels']?.args ?? [];
    expect(String(arg?.type)).toMatch(/State/);
    expect(arg?.defaultValue).toBe(values.find(({ name }) => /transit/.test(name))?.name);
  });
});

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
    expect(signatures(schemaOf(made), 'CatType')).toEqual(['kind: String!', 'meow: String']);
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
    expect(signatures(schema, 'Query')).toEqual(['listPets(tags: [String]): [Pet]']);
    expect(signatures(schema, 'Mutation')).toEqual(['addPet(input: PetInput!): Pet']);
    expect(signatures(schema, 'Pet')).toEqual(['id: Int64!', 'name: String']);
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
    ['a reference to another file', openapi({ '/x': get('x', { $ref: './other.yaml#/Thing' }) })],
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
});
