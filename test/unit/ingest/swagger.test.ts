/** Swagger 2.0, and what OpenAPI 3.0 says for it. */
import { describe, expect, it } from 'vitest';
import { at, readFiles, swagger, upgradeOne as upgraded } from './contract-kit.ts';

const ref = (to: string): { $ref: string } => ({ $ref: to });
const ok = { 200: { description: 'ok' } };

describe('a parameter', () => {
  it.each<[string, object, object]>([
    ['of a plain type', { in: 'query', type: 'string' }, { schema: { type: 'string' } }],
    [
      'with everything that can be said of a value',
      {
        in: 'query',
        type: 'number',
        format: 'double',
        default: 1,
        enum: [1, 2],
        minimum: 1,
        exclusiveMinimum: true,
        maximum: 2,
        exclusiveMaximum: false,
        multipleOf: 1,
        'x-nullable': true,
        'x-of-the-owner': 1,
      },
      {
        schema: {
          type: 'number',
          format: 'double',
          default: 1,
          enum: [1, 2],
          minimum: 1,
          exclusiveMinimum: true,
          maximum: 2,
          exclusiveMaximum: false,
          multipleOf: 1,
          nullable: true,
          'x-of-the-owner': 1,
        },
      },
    ],
    [
      'of text with bounds',
      { in: 'header', type: 'string', minLength: 1, maxLength: 2, pattern: '^a', description: 'd', required: true },
      { description: 'd', required: true, schema: { type: 'string', minLength: 1, maxLength: 2, pattern: '^a' } },
    ],
    [
      'that may be empty, with an example',
      { in: 'query', type: 'string', allowEmptyValue: true, 'x-example': 'e' },
      { allowEmptyValue: true, example: 'e', schema: { type: 'string' } },
    ],
    ['in the spelling of 3.0', { in: 'query', schema: { type: 'integer' } }, { schema: { type: 'integer' } }],
  ])('%s', async (_title, parameter, expected) => {
    const { parameters } = await upgraded({ parameters: [{ name: 'p', ...parameter }] });
    const place = 'in' in parameter ? parameter.in : '';
    expect(parameters).toEqual([{ name: 'p', in: place, ...expected }]);
  });

  it.each([
    ['query', undefined, 'form', false],
    ['query', 'csv', 'form', false],
    ['query', 'ssv', 'spaceDelimited', false],
    ['query', 'tsv', 'tabDelimited', false],
    ['query', 'pipes', 'pipeDelimited', false],
    ['query', 'multi', 'form', true],
    ['query', 'unheard', 'form', false],
    ['path', undefined, 'simple', false],
    ['path', 'csv', 'simple', false],
    ['path', 'pipes', 'pipeDelimited', false],
    ['header', 'csv', 'simple', false],
    ['header', 'ssv', 'spaceDelimited', false],
  ])(
    'that is a list in the %s, collectionFormat %s, has style %s and explode %s',
    async (place, format, style, explode) => {
      const list = { name: 'p', in: place, type: 'array', items: { type: 'string', enum: ['a-b'] }, minItems: 1 };
      const { parameters } = await upgraded({
        parameters: [format === undefined ? list : { ...list, collectionFormat: format }],
      });
      const schema = { type: 'array', items: list.items, minItems: 1 };
      expect(parameters).toEqual([{ name: 'p', in: place, style, explode, schema }]);
    },
  );

  it.each([
    [undefined, [',']],
    ['tsv', ['\t']],
    ['pipes', ['|']],
    ['multi', [',']],
  ])('that is a list of lists, whose collectionFormat is %s, says what separates them', async (format, separators) => {
    const inner = { type: 'array', items: { type: 'string' }, ...(format ? { collectionFormat: format } : {}) };
    const list = { name: 'p', in: 'query', type: 'array', items: inner };
    const { parameters } = await upgraded({ parameters: [list] });
    expect(parameters).toMatchObject([{ style: 'form', explode: false, 'x-inner-separators': separators }]);
  });

  it('comes from the path, the document or another file; the operation has the last word', async () => {
    const { document, resolve } = await readFiles({
      'swagger.yaml': `swagger: '2.0'
parameters: { Page: { name: page, in: query, type: integer }, Body: { name: b, in: body, schema: { $ref: '#/definitions/B' } } }
definitions: { B: { type: object } }
paths:
  /x:
    parameters: [{ $ref: '#/parameters/Page' }, { name: q, in: query, type: string }, { $ref: 'more.yaml#/parameters/Tenant' }]
    post:
      parameters: [{ name: q, in: query, type: boolean }, { $ref: '#/parameters/Body' }, { $ref: '#/parameters/Gone' }]
      responses: { 200: { $ref: 'more.yaml#/responses/Ok' }, 404: { $ref: '#/responses/Gone' } }
`,
      'more.yaml': `parameters: { Tenant: { name: tenant, in: header, type: string } }
responses: { Ok: { description: ok, schema: { $ref: '#/definitions/Ok' } } }
definitions: { Ok: { type: object, discriminator: kind, properties: { kind: { type: string, x-nullable: true } } } }
`,
    });
    const post = at(document, 'paths', '/x', 'post');
    expect(at(post, 'parameters')).toEqual([
      { name: 'page', in: 'query', schema: { type: 'integer' } },
      { name: 'q', in: 'query', schema: { type: 'boolean' } },
      { name: 'tenant', in: 'header', schema: { type: 'string' } },
      ref('#/parameters/Gone'),
    ]);
    expect(at(post, 'requestBody', 'content', 'application/json', 'schema')).toEqual(ref('#/components/schemas/B'));
    expect(at(post, 'responses', '200', 'content', 'application/json', 'schema')).toEqual(
      ref('more.yaml#/definitions/Ok'),
    );
    expect(at(post, 'responses', '404')).toEqual(ref('#/responses/Gone'));
    expect(resolve('#/parameters/Gone')).toMatchObject({ found: false, reason: 'leads nowhere' });
    expect(resolve('more.yaml#/definitions/Ok')).toMatchObject({
      pointer: 'more.yaml#/definitions/Ok',
      value: { discriminator: { propertyName: 'kind' }, properties: { kind: { type: 'string', nullable: true } } },
    });
  });
});

describe('a document', () => {
  it.each([
    [{ host: 'a.example', basePath: '/v1/', schemes: ['http', 'https'] }, [{ url: 'https://a.example/v1' }]],
    [{ host: 'a.example:8080', schemes: ['ws', 'http'] }, [{ url: 'http://a.example:8080' }]],
    [{ host: 'a.example', basePath: '/' }, [{ url: 'http://a.example' }]],
    [{ basePath: '/v1' }, []],
    [{}, []],
  ])('with %j has the servers %j', async (more, servers) => {
    const { document, version } = await readFiles({ 'swagger.json': swagger({}, more) });
    expect(document).toMatchObject({ openapi: '3.0.3', servers });
    expect(version).toBe('2.0');
  });

  it('keeps names, texts, security and extensions; definitions move away', async () => {
    const { document } = await readFiles({
      'swagger.json': swagger(
        { operationId: 'o', summary: 's', tags: ['t'], deprecated: true, produces: [], consumes: [], 'x-a': 1 },
        {
          'x-b': 2,
          tags: [{ name: 't' }],
          securityDefinitions: {
            k: { type: 'apiKey', in: 'query', name: 'key' },
            b: { type: 'basic' },
            c: { type: 'oauth2', flow: 'application', tokenUrl: 'https://a.example/token', scopes: { r: 'read' } },
            i: { type: 'oauth2', flow: 'implicit', authorizationUrl: 'https://a.example/' },
            n: null,
          },
          security: [{ k: [] }],
          definitions: { A: { type: 'file' } },
        },
      ),
    });
    expect(document).toEqual({
      openapi: '3.0.3',
      info: { title: 't', version: '1' },
      'x-b': 2,
      tags: [{ name: 't' }],
      servers: [],
      paths: {
        '/x': {
          post: {
            operationId: 'o',
            summary: 's',
            tags: ['t'],
            deprecated: true,
            'x-a': 1,
            parameters: [],
            responses: ok,
          },
        },
      },
      components: {
        schemas: { A: { type: 'string', format: 'binary' } },
        securitySchemes: {
          k: { type: 'apiKey', in: 'query', name: 'key' },
          b: { type: 'http', scheme: 'basic' },
          c: {
            type: 'oauth2',
            flows: { clientCredentials: { tokenUrl: 'https://a.example/token', scopes: { r: 'read' } } },
          },
          i: { type: 'oauth2', flow: 'implicit', authorizationUrl: 'https://a.example/' },
          n: null,
        },
      },
      security: [{ k: [] }],
    });
  });

  it('has references by the names of 3.0 and pointers by its own', async () => {
    const { document, resolve } = await readFiles({
      'swagger.json': swagger(
        { parameters: [{ name: 'b', in: 'body', schema: ref('#/definitions/Pet') }] },
        {
          definitions: {
            Pet: {
              properties: { own: ref('#/definitions/Own%20type'), deep: ref('#/definitions/Pet/properties/own') },
            },
            'Own type': { type: 'string', 'x-nullable': true },
          },
        },
      ),
    });
    expect(resolve('#/components/schemas/Pet')).toMatchObject({
      found: true,
      ref: '#/components/schemas/Pet',
      pointer: '/definitions/Pet',
    });
    expect(resolve('#/definitions/Pet')).toMatchObject({
      ref: '#/components/schemas/Pet',
      pointer: '/definitions/Pet',
    });
    expect(resolve('#/components/schemas/Pet/properties/deep')).toMatchObject({
      ref: '#/components/schemas/Own type',
      pointer: '/definitions/Own type',
      value: at(document, 'components', 'schemas', 'Own type'),
    });
    expect(resolve('#/definitions/Nope')).toEqual({ found: false, ref: '#/definitions/Nope', reason: 'leads nowhere' });
    expect(resolve('#/paths/~1x/post/parameters/0/schema')).toMatchObject({ ref: '#/components/schemas/Pet' });
  });

  it('may have its paths in other files', async () => {
    const { document } = await readFiles({
      'swagger.json': {
        swagger: '2.0',
        paths: { '/a': ref('paths/a.json'), '/gone': ref('gone.json') },
        definitions: { A: {} },
      },
      'paths/a.json': {
        put: { parameters: [{ name: 'b', in: 'body', schema: ref('../swagger.json#/definitions/A') }], responses: ok },
      },
    });
    expect(at(document, 'paths', '/a', 'put', 'requestBody', 'content')).toEqual({
      'application/json': { schema: ref('#/components/schemas/A') },
    });
    expect(at(document, 'paths', '/gone')).toEqual(ref('gone.json#'));
  });
});
