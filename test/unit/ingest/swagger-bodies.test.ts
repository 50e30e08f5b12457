/** What Swagger 2.0 sends and answers, as OpenAPI 3.0 says it. */
import { describe, expect, it } from 'vitest';
import { modernize, upgradeSwagger } from '../../../gateway/ingest/openapi/swagger.ts';
import { at, swagger, upgradeOne as upgraded } from './contract-kit.ts';

describe('a body', () => {
  const body = { name: 'b', in: 'body', description: 'd', schema: { $ref: '#/definitions/B' } };
  const text = { name: 't', in: 'formData', type: 'string', description: 'said' };
  const file = { name: 'f', in: 'formData', type: 'file', required: true };
  const list = { name: 'l', in: 'formData', type: 'array', items: { type: 'string' } };
  const binary = { type: 'string', format: 'binary' };
  const schema = { $ref: '#/components/schemas/B' };

  it.each<[string, object, object, object]>([
    [
      'is JSON',
      { parameters: [body] },
      {},
      { description: 'd', required: false, content: { 'application/json': { schema } } },
    ],
    [
      'has the media types of the document',
      { parameters: [{ ...body, required: true }] },
      { consumes: ['application/xml', 'application/json'] },
      { description: 'd', required: true, content: { 'application/xml': { schema }, 'application/json': { schema } } },
    ],
    [
      'has those of the operation, if it says so',
      { parameters: [body], consumes: ['text/plain'] },
      { consumes: ['application/json'] },
      { description: 'd', required: false, content: { 'text/plain': { schema } } },
    ],
    [
      'has the default again where the operation takes them away',
      { parameters: [body], consumes: [] },
      { consumes: ['text/plain'] },
      { description: 'd', required: false, content: { 'application/json': { schema } } },
    ],
    [
      'of fields is a form',
      { parameters: [text] },
      { consumes: ['application/json'] },
      {
        required: false,
        content: {
          'application/x-www-form-urlencoded': {
            schema: { type: 'object', properties: { t: { type: 'string', description: 'said' } } },
          },
        },
      },
    ],
    [
      'of fields is multipart where the document wants it',
      { parameters: [text], consumes: ['multipart/form-data'] },
      {},
      {
        required: false,
        content: {
          'multipart/form-data': {
            schema: { type: 'object', properties: { t: { type: 'string', description: 'said' } } },
          },
        },
      },
    ],
    [
      'with a file is multipart, whatever the document wants',
      { parameters: [file], consumes: ['application/x-www-form-urlencoded'] },
      {},
      {
        required: true,
        content: { 'multipart/form-data': { schema: { type: 'object', properties: { f: binary }, required: ['f'] } } },
      },
    ],
    [
      'with a list says how it is written',
      {
        parameters: [
          { ...list, collectionFormat: 'multi' },
          { ...list, name: 'c' },
        ],
      },
      {},
      {
        required: false,
        content: {
          'application/x-www-form-urlencoded': {
            schema: {
              type: 'object',
              properties: {
                l: { type: 'array', items: { type: 'string' } },
                c: { type: 'array', items: { type: 'string' } },
              },
            },
            encoding: { l: { style: 'form', explode: true }, c: { style: 'form', explode: false } },
          },
        },
      },
    ],
  ])('%s', async (_title, operation, more, expected) => {
    const { requestBody, parameters } = await upgraded(operation, { definitions: { B: {} }, ...more });
    expect(requestBody).toEqual(expected);
    expect(parameters).toEqual([]);
  });
});

describe('an answer', () => {
  const schema = { type: 'string' };
  const binary = { type: 'string', format: 'binary' };
  it.each<[string, object, object, object]>([
    ['is JSON', { schema }, {}, { content: { 'application/json': { schema } } }],
    [
      'has the media types of the operation',
      { schema },
      { produces: ['text/csv'] },
      { content: { 'text/csv': { schema } } },
    ],
    ['has no content without a schema', {}, { produces: ['text/csv'] }, {}],
    [
      'that is a file is no JSON',
      { schema: { type: 'file' } },
      { produces: ['application/json', 'image/png'] },
      { content: { 'image/png': { schema: binary } } },
    ],
    [
      'that is a file of no kind is bytes',
      { schema: { type: 'file' } },
      { produces: ['application/json'] },
      { content: { 'application/octet-stream': { schema: binary } } },
    ],
    [
      'keeps headers and examples',
      {
        schema,
        headers: { 'X-Left': { type: 'integer', description: 'left' } },
        examples: { 'application/json': 'e' },
      },
      {},
      {
        headers: { 'X-Left': { description: 'left', schema: { type: 'integer' } } },
        content: { 'application/json': { schema, example: 'e' } },
      },
    ],
  ])('%s', async (_title, response, more, expected) => {
    const { responses } = await upgraded({ responses: { 200: { description: 'ok', ...response } }, ...more });
    expect(responses).toEqual({ 200: { description: 'ok', ...expected } });
  });
});

it('a document that is upgraded is not changed; one of 3.0 stays as it is', () => {
  const document = swagger(
    {
      parameters: [
        { name: 'f', in: 'formData', type: 'file' },
        { name: 'q', in: 'query', type: 'string', 'x-nullable': true },
      ],
    },
    {
      definitions: {
        A: {
          discriminator: 'kind',
          'x-nullable': true,
          example: { discriminator: 'kind' },
          properties: { discriminator: { type: 'file' } },
        },
      },
    },
  );
  const before = structuredClone(document);
  const follow = (value: unknown): unknown => value;
  const modern = modernize(document);
  upgradeSwagger(modern as Record<string, unknown>, follow);
  expect(document).toEqual(before);
  expect(at(modern, 'definitions', 'A')).toEqual({
    discriminator: { propertyName: 'kind' },
    nullable: true,
    example: { discriminator: 'kind' },
    properties: { discriminator: { type: 'string', format: 'binary' } },
  });
  const other = { openapi: '3.0.0', paths: {} };
  expect(upgradeSwagger(other, follow)).toBe(other);
});
