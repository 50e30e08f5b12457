/** Requests that carry a list of operations. */
import { expect, it } from 'vitest';
import { GatewayError } from '../../gateway/errors.ts';
import { startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';

type Item = { data?: unknown; errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[] };

function start(settings: Record<string, unknown> = { batching: { max: 3 } }) {
  const seen: { requestId: string; isShared: boolean }[] = [];
  const schema = makeSchema(
    'type Query { a(n: Int): Int bad: Int } type Mutation { w: Int } type Subscription { s: Int }',
    {
      Query: {
        a: (_source, { n }, context) => {
          context.calls.push({ source: 'x', operation: 'a', keys: 0, ms: 1, bytes: 0, outcome: 'ok' });
          seen.push({ requestId: context.requestId, isShared: context.peer === context.batch?.[0]?.peer });
          return n ?? 0;
        },
        bad: () => {
          throw new GatewayError('UPSTREAM_FAILED', { source: 'x' });
        },
      },
      Mutation: { w: () => 1 },
    },
  );
  const app = startApp(makeSupply(makeGeneration('g', schema)), settings);
  const send = async (body: unknown, more: Record<string, string> = {}) => {
    const headers = { 'content-type': 'application/json', 'x-request-id': 'r', ...more };
    const request = new Request('http://gateway.test/graphql', { method: 'POST', headers, body: JSON.stringify(body) });
    const response = await app.fetch(request);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Item[] & Item };
  };
  const lines = () =>
    app.lines
      .filter(({ msg }) => msg === 'operation')
      .map(({ requestId, calls, codes }) => ({ requestId, calls, codes }));
  return { app, send, seen, lines };
}

it('is refused unless lists are allowed, and when it is empty or too long', async () => {
  const { send } = start({});
  expect(await send([{ query: '{ a }' }])).toMatchObject({
    status: 400,
    body: { errors: [{ message: expect.stringMatching(/not served/), extensions: { code: 'BAD_REQUEST' } }] },
  });
  const allowed = start();
  for (const list of [[], new Array(4).fill({ query: '{ a }' })])
    expect(await allowed.send(list)).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringMatching(/1 to 3 operations/) }] },
    });
  expect(await allowed.send([{ query: '{ a }' }, 'x'])).toMatchObject({ status: 400 });
});

it('answers each operation by itself, in order, with slots of its own and one connection', async () => {
  const { send, seen, lines } = start();
  const { status, body, headers } = await send([
    { query: 'query ($n: Int) { a(n: $n) }', variables: { n: 1 } },
    { query: '{ a(n: 2) x: a(n: 3) }' },
    { query: 'query A { a } query B { a(n: 4) }', operationName: 'B' },
  ]);
  expect([status, body]).toEqual([200, [{ data: { a: 1 } }, { data: { a: 2, x: 3 } }, { data: { a: 4 } }]]);
  expect(seen.map(({ requestId }) => requestId).sort()).toEqual(['r.0', 'r.1', 'r.1', 'r.2']);
  expect(seen.every(({ isShared }) => isShared)).toBe(true);
  expect([headers.get('x-request-id'), headers.get('x-tributary-calls')]).toEqual(['r', '4']);
  expect(lines()).toEqual([
    { requestId: 'r.0', calls: 1, codes: undefined },
    { requestId: 'r.1', calls: 2, codes: undefined },
    { requestId: 'r.2', calls: 1, codes: undefined },
  ]);
});

it('lets one fail without the others, whatever was wrong with it', async () => {
  const { send, app, lines } = start({ batching: { max: 10 }, operationLimits: { aliases: 1 } });
  const { status, body } = await send([
    { query: '{ a }' },
    { query: '{ a ' },
    { query: '{ nothing }' },
    { query: '{ bad }' },
    { query: '{ x: a y: a }' },
    { query: 'subscription { s }' },
    { query: 3 },
    { extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } },
    { query: 'mutation { w }' },
  ]);
  const codes = body.map(({ errors }) => errors?.[0]?.extensions['code']);
  expect(status).toBe(200);
  expect(codes).toEqual([
    undefined,
    'PARSE_FAILED',
    'VALIDATION_FAILED',
    'UPSTREAM_FAILED',
    'LIMIT_ALIASES',
    'BAD_REQUEST',
    'BAD_REQUEST',
    'PERSISTED_OPERATION_NOT_FOUND',
    undefined,
  ]);
  expect(lines()).toHaveLength(9);
  expect(await app.metrics.expose()).toMatch(/^tributary_operations_in_flight 0$/m);
});

it('is read no further once two of its operations are beyond the limits', async () => {
  const { send, lines } = start({ batching: { max: 10 }, operationLimits: { aliases: 1, tokens: 20 } });
  const tooMany = { query: '{ x: a y: a }' };
  const tooLong = { query: `{ ${'a '.repeat(30)} }` };
  const codesOf = async (list: object[]): Promise<unknown[]> =>
    (await send(list)).body.map(({ errors }) => errors?.[0]?.extensions['code']);
  const good = { query: '{ a }' };
  expect(await codesOf([tooMany, good, good])).toEqual(['LIMIT_ALIASES', undefined, undefined]);
  expect(await codesOf([tooMany, good, tooLong, good, { query: '{' }])).toEqual([
    'LIMIT_ALIASES',
    undefined,
    'LIMIT_TOKENS',
    'LIMIT_TOKENS',
    'LIMIT_TOKENS',
  ]);
  // The next list begins anew.
  expect(await codesOf([good])).toEqual([undefined]);
  expect(lines()).toHaveLength(9);
});

it('is charged and limited operation by operation', async () => {
  const rule = { name: 'r', by: [], points: 2, cost: 'requests' };
  const { send } = start({ batching: { max: 10 }, rateLimits: [rule] });
  const { status, body, headers } = await send(new Array(4).fill({ query: '{ a }' }));
  expect(status).toBe(200);
  expect(body.map(({ errors }) => errors?.[0]?.extensions['code'])).toEqual([
    undefined,
    undefined,
    'RATE_LIMITED',
    'RATE_LIMITED',
  ]);
  expect(headers.get('ratelimit')).toMatch(/^"r";r=0;t=\d+$/);
});
