/** What an import says of itself: guesses, typing, score, names. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guessByMethod } from '../../../gateway/ingest/report/kinds.ts';
import { nameChanges } from '../../../gateway/ingest/report/name-changes.ts';
import { scoreOf } from '../../../gateway/ingest/report/score.ts';
import { EXCLUDED, type ImportReport, type Share } from '../../../gateway/ingest/wire.ts';
import { get, json, openapi, read } from './kit.ts';
import { object, ref, string } from './made.ts';

describe('a guess of the kind', () => {
  it.each([
    ['GET', '/orders', 'listOrders', 'query', false],
    ['HEAD', '/orders', undefined, 'query', false],
    ['GET', '/session/end', 'user/logout', 'query', true],
    ['GET', '/orders/{id}', 'orders.remove', 'query', true],
    ['GET', '/points', 'stopPoint_Arrivals', 'query', false],
    ['POST', '/orders', 'createOrder', 'mutation', false],
    ['POST', '/orders/search', undefined, 'mutation', true],
    ['POST', '/orders/{id}', 'getOrder', 'mutation', true],
    ['POST', '/orders:batchGet', undefined, 'mutation', true],
    ['POST', '/check-runs', 'checks/create', 'mutation', false],
    ['POST', '/{list}', undefined, 'mutation', false],
    ['PUT', '/orders/search', 'searchOrders', 'mutation', false],
  ])('%s %s (%s) is a %s', (method, path, operationId, kind, weak) => {
    expect(guessByMethod({ field: 'f', method, path, operationId })).toMatchObject({ field: 'f', kind, weak });
  });

  it('is none where the policy or Mesh’s own setting says it, and the doubtful come first', async () => {
    const paths = {
      '/a': get('a', string),
      '/find': { post: { operationId: 'find', responses: { '200': json(string) } } },
      '/search': { post: { operationId: 'search', responses: { '200': json(string) } } },
      '/zero': { post: { operationId: 'zero', responses: { '200': json(string) } } },
    };
    const { report } = await read({
      files: openapi(paths),
      policy: { operations: { search: { kind: 'query' } } },
      handler: { selectQueryOrMutationField: [{ fieldName: 'zero', type: 'Query' }] },
    });
    expect(report.guessed).toEqual({
      count: 2,
      first: [
        { field: 'find', kind: 'mutation', why: 'POST, though it sounds like reading', weak: true },
        { field: 'a', kind: 'query', why: 'GET', weak: false },
      ],
    });
  });
});

describe('the score', () => {
  const whole = { '/a': get('a', object({ b: string }), { parameters: [parameter(string)] }) };

  it.each<[string, unknown, number]>([
    ['100 for a contract that is typed throughout', whole, 100],
    ['less for an answer of any form', { ...whole, '/b': get('b', {}) }, 87.5],
    [
      'less for a body of any form',
      { '/a': { put: { requestBody: json({}), responses: { 200: json(object({ b: string })) } } } },
      85,
    ],
    ['less for a field of any form', { '/a': get('a', object({ b: {}, c: string })) }, 95],
    [
      'less for a read whose answer is not described',
      { '/a': { get: { responses: { 200: { description: 'ok' } } } } },
      75,
    ],
    [
      'not less for a read that says that it answers nothing',
      { '/a': { get: { responses: { 204: { description: 'ok' } } } } },
      100,
    ],
    [
      'half, when half of the operations cannot come in',
      { ...whole, '/b': { post: { requestBody: { $ref: '#/gone' } } } },
      50,
    ],
  ])('is %s', async (_, paths, score) => {
    expect((await read({ files: openapi(paths) })).report.score).toBe(score);
  });

  it('does not count what the policy leaves out, and takes what a GraphQL contract calls JSON for a type', async () => {
    const { report } = await read({
      files: openapi({ ...whole, '/b': get('b', {}) }),
      policy: { operations: { b: { exclude: true } } },
    });
    expect(report).toMatchObject({ score: 100, operations: { total: 2, imported: 1 } });
    const graphql = await read({ files: { 'api.graphql': 'scalar JSON type Query { any(of: JSON): JSON }' } });
    expect(graphql.report).toMatchObject({ score: 100, guessed: { count: 0 } });
  });

  it('counts what can be reached, once', async () => {
    const schemas = { Used: object({ id: string, more: ref('Used') }), Unused: object({ any: {} }) };
    const { report } = await read({
      files: openapi({ '/a': get('a', ref('Used')), '/b': get('b', ref('Used')) }, schemas),
    });
    expect(report.typed).toEqual({ answers: all(2), arguments: all(0), fields: all(2) });
  });

  it('lies between 0 and 100, is 100 only for all, and never falls when more is typed', () => {
    const share = fc.nat(1000).chain((size) => fc.record({ all: fc.constant(size), typed: fc.nat(size) }));
    const reports = fc.record({
      operations: fc
        .record({ total: fc.integer({ min: 1, max: 2000 }), imported: fc.nat(2000) })
        .map(({ total, imported }) => ({ total, imported: Math.min(total, imported) })),
      leftOut: fc.constant<ImportReport['leftOut']>([]),
      typed: fc.record({ answers: share, arguments: share, fields: share }),
    });
    fc.assert(
      fc.property(reports, fc.constantFrom('answers', 'arguments', 'fields'), (report, part) => {
        const score = scoreOf(report);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        const { total, imported } = report.operations;
        const isAll = imported === total && Object.values(report.typed).every((each) => each.all === each.typed);
        expect(score === 100).toBe(isAll);
        const grown = { ...report.typed, [part]: all(report.typed[part].all) };
        expect(scoreOf({ ...report, typed: grown })).toBeGreaterThanOrEqual(score);
      }),
    );
  });

  it('goes down to nothing left out but on purpose', () => {
    const leftOut = [{ operation: 'GET /b', pointer: '', reason: EXCLUDED }];
    const typed = { answers: all(1), arguments: all(0), fields: all(0) };
    expect(scoreOf({ operations: { total: 2, imported: 1 }, leftOut, typed })).toBe(100);
    expect(scoreOf({ operations: { total: 2, imported: 1 }, leftOut: [], typed })).toBe(50);
  });
});

it('a read whose contract does not say what it answers is told of', async () => {
  const { report } = await read({
    files: openapi({ '/ping': { get: { responses: { 200: { description: 'ok' } } } } }),
  });
  expect(report.notes).toEqual([
    { pointer: '/paths/~1ping/get/responses', text: expect.stringContaining('always null') },
  ]);
});

describe('changes of names', () => {
  const before = {
    operations: { 'GET /a': 'a', 'GET /b': 'b', 'GET /c': 'c' },
    types: { A: 'A', B: 'ShopB' },
    fields: { 'Query.a': 'a', 'Query.b': 'shopB', 'Query.c': 'c' },
  };

  it('are what appeared, what is gone, and what is called otherwise in the unified schema', () => {
    const after = {
      operations: { 'GET /a': 'first', 'GET /b': 'b', 'GET /d': 'd' },
      types: { A: 'A', B: 'B', D: 'D' },
      fields: { 'Query.first': 'first', 'Query.b': 'b', 'Mutation.d': 'd' },
    };
    const lines = (found: { first: { at: string; text: string }[] } | undefined): string[] =>
      found?.first.map(({ at, text }) => `${at} ${text}`) ?? [];
    const changes = nameChanges(before, after);
    expect(lines(changes?.appeared)).toEqual(['GET /d is Mutation.d', 'D is D']);
    expect(lines(changes?.vanished)).toEqual(['GET /c was Query.c']);
    expect(lines(changes?.renamed)).toEqual([
      'GET /a was Query.a, is Query.first',
      'GET /b was Query.shopB, is Query.b',
      'B was ShopB, is B',
    ]);
  });

  it('are none for the same names, and are not told of a source that is new', () => {
    const none = { count: 0, first: [] };
    expect(nameChanges(before, before)).toEqual({ appeared: none, vanished: none, renamed: none });
    expect(nameChanges(undefined, before)).toBeUndefined();
  });
});

function all(count: number): Share {
  return { all: count, typed: count };
}

function parameter(schema: unknown): unknown {
  return { name: 'p', in: 'query', schema };
}
