/** Which operations of a contract are served: `include` and `exclude` of a policy. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policySchema } from '../../../gateway/config/policy.ts';
import { createExposure } from '../../../gateway/ingest/exposure.ts';
import { matchesPattern } from '../../../gateway/lib/pattern.ts';
import { get, openapi, read, schemaOf, signatures } from './kit.ts';
import { string } from './made.ts';

describe('a pattern', () => {
  it.each([
    ['/orders', '/orders', true],
    ['/orders', '/orders/1', false],
    ['/orders/*', '/orders/{id}/lines', true],
    ['/orders/*', '/orders', false],
    ['*/lines', '/orders/{id}/lines', true],
    ['get*s', 'gets', true],
    ['get*ets', 'gets', false],
    ['*', '', true],
    ['a*b*b', 'ab', false],
    ['a.c', 'abc', false],
  ])('%s and %s: %s', (pattern, text, matches) => {
    expect(matchesPattern(pattern, text)).toBe(matches);
  });

  it('is what a regular expression of it would be', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 7 });
    fc.assert(
      fc.property(texts, texts, (pattern, text) => {
        const parts = pattern.split('*').join('.*');
        expect(matchesPattern(pattern, text)).toBe(new RegExp(`^${parts}$`).test(text));
      }),
    );
  });

  it('of many stars is answered at once', () => {
    expect(matchesPattern(`${'a*'.repeat(250)}b`, 'a'.repeat(100_000))).toBe(false);
  });
});

const paths = {
  '/orders': {
    ...(get('listOrders', string, { tags: ['orders', 'public'] }) as object),
    post: written('createOrder', ['orders']),
  },
  '/orders/{id}': get('getOrder', string, { tags: ['orders'] }),
  '/admin/users': get('adminUsers', string, { tags: ['admin'] }),
  '/health': get('health', string),
};

function written(operationId: string, tags: readonly string[]): Record<string, unknown> {
  return { operationId, tags, responses: { '204': { description: 'done' } } };
}

describe('an OpenAPI contract', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['a tag', { include: [{ tags: ['orders'] }] }, ['createOrder', 'getOrder', 'listOrders']],
    ['a path', { include: [{ paths: ['/orders*'] }] }, ['createOrder', 'getOrder', 'listOrders']],
    ['a method', { include: [{ methods: ['get'] }] }, ['adminUsers', 'getOrder', 'health', 'listOrders']],
    ['an operationId', { include: [{ operations: ['get*', 'health'] }] }, ['getOrder', 'health']],
    ['a name on the wire', { include: [{ operations: ['POST /orders'] }] }, ['createOrder']],
    [
      'several keys of one selector, all of them',
      { include: [{ tags: ['orders'], methods: ['GET'] }] },
      ['getOrder', 'listOrders'],
    ],
    [
      'several selectors, any of them',
      { include: [{ tags: ['public'] }, { paths: ['/health'] }] },
      ['health', 'listOrders'],
    ],
    [
      'what is left out',
      { exclude: [{ tags: ['admin'] }, { methods: ['POST'] }] },
      ['getOrder', 'health', 'listOrders'],
    ],
    [
      'both, of which what is left out wins',
      { include: [{ tags: ['orders'] }], exclude: [{ paths: ['*{id}'] }] },
      ['createOrder', 'listOrders'],
    ],
    [
      'the operation itself, which wins',
      { include: [{ tags: ['orders'] }], operations: { health: { exclude: false }, getOrder: { exclude: true } } },
      ['createOrder', 'health', 'listOrders'],
    ],
  ])('is cut down by %s', async (_title, policy, fields) => {
    const made = await read({ files: openapi(paths), policy });
    const schema = schemaOf(made);
    const roots = ['Query', 'Mutation'].filter((type) => schema.getType(type));
    const served = roots.flatMap((type) => signatures(schema, type).map((text) => text.replace(/[(:].*/, '')));
    expect(served.filter((name) => name !== '_').sort()).toEqual(fields);
    expect(made.report.leftOut.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 5 - fields.length }, () => 'excluded by policy.yaml'),
    );
    expect(made.report).toMatchObject({ score: 100, notes: [] });
  });

  it('says in its report what of a selector fits nothing', async () => {
    const policy = {
      include: [{ tags: ['orders', 'ordres'] }],
      exclude: [{ operations: ['*Order'], methods: ['HEAD'] }],
    };
    const { report } = await read({ files: openapi(paths), policy });
    expect(report.notes).toEqual([
      { pointer: 'policy.yaml#/include/0/tags/1', text: '`ordres` fits no operation of the contract' },
      { pointer: 'policy.yaml#/exclude/0/methods/0', text: '`HEAD` fits no operation of the contract' },
    ]);
  });

  it('takes types along only where an operation that is served has them', async () => {
    const object = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` });
    const made = await read({
      files: openapi(
        { '/a': get('a', object('A'), { tags: ['in'] }), '/b': get('b', object('B')) },
        { A: { type: 'object', properties: { x: string } }, B: { type: 'object', properties: { y: string } } },
      ),
      policy: { include: [{ tags: ['in'] }] },
    });
    expect(schemaOf(made).getType('A')).toBeDefined();
    expect(schemaOf(made).getType('B')).toBeUndefined();
  });
});

describe('other contracts', () => {
  it('a .proto is cut down by service and method', async () => {
    const made = await read({
      files: {
        'api.proto': `syntax = "proto3"; package p; message Id { string id = 1; }
          service Open { rpc GetIt(Id) returns (Id); rpc GetOther(Id) returns (Id); } service Inner { rpc GetSecret(Id) returns (Id); }`,
      },
      policy: { include: [{ paths: ['/p.Open/*'] }], exclude: [{ operations: ['getOther'] }] },
    });
    expect(signatures(schemaOf(made), 'Query').map((text) => text.replace(/\(.*/, ''))).toEqual(['getIt']);
  });

  it('a GraphQL SDL by root field', async () => {
    const made = await read({
      files: { 'schema.graphql': 'type Query { a: Int adminB: Int } type Mutation { adminC: Int d: Int }' },
      policy: { exclude: [{ operations: ['admin*', 'mutation d'] }] },
    });
    expect(signatures(schemaOf(made), 'Query')).toEqual(['a: Int']);
    expect(schemaOf(made).getMutationType()).toBeUndefined();
  });
});

describe('a policy', () => {
  it.each<[string, unknown]>([
    ['a selector that says nothing', [{}]],
    ['no selector', []],
    ['a method that is none', [{ methods: ['FETCH'] }]],
    ['an empty pattern', [{ tags: [''] }]],
    ['another key', [{ tag: ['a'] }]],
  ])('with %s is refused', (_title, include) => {
    expect(policySchema.safeParse({ include }).success).toBe(false);
  });

  it('without selectors serves everything, whatever it is known by', () => {
    const exposure = createExposure(policySchema.parse({}));
    expect(exposure.isServed({ field: 'a', wireName: 'GET /a', tags: 'no list' })).toBe(true);
    expect(exposure.notes()).toEqual([]);
  });
});
