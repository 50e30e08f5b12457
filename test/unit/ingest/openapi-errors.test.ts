/** What the import writes down of failed answers. */
import { describe, expect, it } from 'vitest';
import { errorAnswers } from '../../../gateway/ingest/openapi/error-answers.ts';
import type { Resolve } from '../../../gateway/ingest/openapi/types/site.ts';

const schemas: Record<string, unknown> = {
  Error: { type: 'object', required: ['code'], properties: { code: { type: 'string' }, cause: { $ref: '#/Error' } } },
  Named: { properties: { name: { type: 'string' } } },
};
const resolve: Resolve = (ref) => {
  const value = schemas[ref.slice(2)];
  return value === undefined
    ? { found: false, ref, reason: 'leads nowhere' }
    : { found: true, value, ref, pointer: ref.slice(1) };
};
const json = (schema: unknown, type = 'application/json') => ({ content: { [type]: { schema } } });
const object = (properties: unknown) => ({ type: 'object', properties });

const inCircle = (levels: number): object =>
  levels === 1 ? { code: true } : { code: true, cause: inCircle(levels - 1) };

describe('a failed answer', () => {
  it.each<[string, unknown, unknown]>([
    ['has its properties', object({ a: { type: 'string' }, 'b-c': { type: 'integer' } }), { a: true, 'b-c': true }],
    ['has them at every depth', object({ a: { type: 'array', items: object({ b: {} }) } }), { a: [{ b: true }] }],
    ['has those of all it is made of', { allOf: [{ $ref: '#/Named' }, object({ a: {} })] }, { name: true, a: true }],
    ['has those of each alternative', { oneOf: [{ $ref: '#/Named' }, object({ a: {} })] }, { name: true, a: true }],
    ['may be null', { anyOf: [{ $ref: '#/Named' }, { type: 'null' }] }, { name: true }],
    ['has an end where it is a circle', { $ref: '#/Error' }, inCircle(4)],
    ['has what can be read of it', object({ a: { $ref: '#/Gone' }, b: {} }), { b: true }],
    ['has nothing where it is free', { type: 'object', additionalProperties: true }, undefined],
    ['has nothing free inside', object({ a: {}, meta: { type: 'object' } }), { a: true }],
    ['is not shown as a list', { type: 'array', items: object({ a: {} }) }, undefined],
    ['is not shown as a text', { type: 'string' }, undefined],
    ['is nothing that leads nowhere', { $ref: '#/Gone' }, undefined],
  ])('%s', (_, schema, shape) => {
    const found = errorAnswers({ 404: json(schema) }, resolve).map(([status, text]) => [status, JSON.parse(text)]);
    expect(found).toEqual(shape === undefined ? [] : [['404', shape]]);
  });

  it('is told by status, those of one form together; what succeeds and what is no JSON of its own is left out', () => {
    const schema = { $ref: '#/Named' };
    const responses = {
      200: json(schema),
      302: json(schema),
      400: json(schema, 'application/vnd.shop+json; charset=utf-8'),
      '4XX': json(object({ a: {} })),
      409: json(schema, 'application/problem+json'),
      410: json(schema, 'text/plain'),
      500: { description: 'nothing' },
      default: json(schema),
    };
    expect(errorAnswers(responses, resolve)).toEqual([
      ['400 default', '{"name":true}'],
      ['4XX', '{"a":true}'],
    ]);
    expect(errorAnswers(undefined, resolve)).toEqual([]);
  });

  it('has a bounded number of properties', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`p${n}`, {}]));
    const [[, text = ''] = []] = errorAnswers({ 400: json(object(many)) }, resolve);
    expect(Object.keys(JSON.parse(text))).toHaveLength(100);
  });
});
