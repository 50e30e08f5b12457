/** What an OpenAPI contract becomes. */
import { describe, expect, it } from 'vitest';
import { directivesNamed } from '../../../gateway/lib/sdl.ts';
import { get, json, openapi, read, schemaOf, signatures } from './kit.ts';

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
    const files = openapi({ '/t': get('thing', ref('Thing')) }, schemas, version);
    const made = await read({ files, policy: { nullability: 'strict' } });
    const found = signatures(schemaOf(made), 'Thing').map((text) => text.replace('[String!]!', '[String]!'));
    expect(found).toEqual(expected);
    const lenient = await read({ files });
    expect(signatures(schemaOf(lenient), 'Thing').join()).not.toContain('!');
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
