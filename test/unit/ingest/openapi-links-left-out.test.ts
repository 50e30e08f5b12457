/** Links of a contract that no join can follow: the import goes on, and a note says why. */
import { describe, expect, it } from 'vitest';
import { json, openapi, read } from './kit.ts';
import { orders, others, ref, schemas } from './links-kit.ts';

describe('a link is left out with a note', () => {
  const one = (link: unknown) => ({ strange: link });
  const required = (name: string) => ({
    type: 'object',
    required: [name],
    properties: { [name]: { type: 'string' } },
  });
  const to = (value: unknown) => one({ operationId: 'getCustomer', parameters: { 'path.id': value } });
  it.each([
    ['no object', one(3), 'it cannot be read'],
    ['a reference to nothing', one({ $ref: '#/nope' }), 'it cannot be read'],
    ['no operation', one({}), 'it names no operation'],
    ['an operation that is not there', one({ operationId: 'nope' }), 'nope is no operation that is served'],
    ['an operation that is excluded', one({ operationId: 'ping' }), 'ping is no operation that is served'],
    [
      'an operation elsewhere',
      one({ operationRef: 'https://evil.example/#/paths/~1x/get' }),
      'https://evil.example/#/paths/~1x/get is no operation that is served',
    ],
    ['an operation that writes', one({ operationId: 'dropCustomer' }), 'it leads to an operation that is no query'],
    [
      'a parameter that is not there',
      one({ operationId: 'getCustomer', parameters: { nope: 1 } }),
      'nope is no parameter of what it leads to',
    ],
    [
      'a parameter in two places',
      one({ operationId: 'getCustomer', parameters: { id: 1 } }),
      'id is the name of several parameters',
    ],
    [
      'a body that is not taken',
      one({ operationId: 'getCustomer', requestBody: 'x' }),
      'what it leads to takes no body',
    ],
    [
      'a property of the body that is not taken',
      one({ operationId: 'search', requestBody: { nope: 1 } }),
      'what it leads to takes no nope',
    ],
    ['a property that is not there', to('$response.body#/nope'), 'the answer has no single /nope'],
    ['an item of a list', to('$response.body#/lines/0/product'), 'the answer has no single /lines/0/product'],
    ['a list where one is wanted', to('$response.body#/tags'), '/tags is a list, and one value is wanted'],
    ['an object', to('$response.body#/customer'), '/customer is no single value'],
    ['a free-form value', to('$response.body#/free'), '/free is no single value'],
    ['a map', to('$response.body#/rates/eur'), 'the answer has no single /rates/eur'],
    ['the whole body', to('$response.body'), '$response.body is not known from the answer alone'],
    ['a header', to('$response.header.Location'), '$response.header.Location is not known from the answer alone'],
    ['the URL', to('$url'), '$url is not known from the answer alone'],
    ['the body of the request', to('$request.body#/id'), '$request.body#/id is not known from the answer alone'],
    ['text around an expression', to('x-{$response.body#/id}'), 'it puts text and values together'],
    ['a template of joins', to('{root.id}'), 'it puts text and values together'],
    ['a list of values', to([1]), 'it gives a value that is neither text nor number'],
    [
      'a name of great length',
      { [`l${'x'.repeat(100)}`]: { operationId: 'getCustomer' } },
      'its name is longer than 100 characters',
    ],
  ])('%s', async (_what, links, reason) => {
    const policy = { operations: { ping: { exclude: true }, search: { kind: 'query' } } };
    const { text, report } = await orders(links, { policy });
    expect(text).not.toContain('extend type');
    const [name = ''] = Object.keys(links);
    expect(report.notes).toEqual([
      { pointer: `/paths/~1orders~1{id}/get/responses/200/links/${name}`, text: `the link is left out: ${reason}` },
    ]);
  });

  it.each([
    ['belongs to a list', { type: 'array', items: ref('Order') }, 'it belongs to a list, and says of no item which'],
    ['belongs to a free-form answer', {}, 'its answer is no object of one type'],
    ['belongs to a choice', { oneOf: [required('a'), required('b')] }, 'its answer is no object of one type'],
  ])('that %s', async (_what, answer, reason) => {
    const { text, report } = await orders(to('me'), { answer });
    expect(text).not.toContain('extend type');
    expect(report.notes.map((note) => note.text)).toEqual([`the link is left out: ${reason}`]);
  });

  it('whose parameter of the path is that of another thing', async () => {
    const { report } = await orders(to('$request.path.id'), { path: '/accounts/{id}/order' });
    expect(report.notes.map((note) => note.text)).toEqual([
      'the link is left out: $request.path.id is not known from the answer alone',
    ]);
  });

  it('to an operation without an answer, and of an answer that is not served', async () => {
    const failed = { ...(json({}) as object), links: to('me') };
    const path = {
      get: {
        operationId: 'x',
        responses: { 200: { ...(json(ref('Line')) as object), links: one({ operationId: 'ping' }) }, 404: failed },
      },
    };
    const { report } = await read({ files: openapi({ '/x': path, ...others }, schemas) });
    expect(report.notes.map((note) => note.text)).toEqual([
      'the link is left out: its answer is not the one that is served',
      'the link is left out: what it leads to answers with nothing that has a type',
    ]);
  });
});
