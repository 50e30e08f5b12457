/** What a contract drops stays for clients, deprecated, as far as the wire allows. */
import { buildSchema, type GraphQLObjectType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { printDefinitions } from '../../../gateway/lib/print-sdl.ts';
import { keepRemoved } from '../../../gateway/registry/keep/keep-removed.ts';
import { get, json, openapi, read } from '../ingest/kit.ts';
import { object, ref, string } from '../ingest/made.ts';
import { breaking, composed, descriptorsOf, fieldsOf, httpOf, reasonsOf } from './keep-kit.ts';

const SINCE = '2026-11-29';

const order = object({ id: string, note: string, state: { type: 'string', enum: ['open', 'on hold', 'done'] } }, [
  'id',
]);
const before = await rest(
  {
    '/orders': {
      get: {
        operationId: 'orders',
        parameters: [
          { name: 'state', in: 'query', schema: string },
          { name: 'page', in: 'query', required: true, schema: string },
          { name: 'X-Trace', in: 'header', schema: string },
        ],
        responses: { 200: json({ type: 'array', items: ref('Order') }) },
      },
    },
    '/orders/{id}': get('order', ref('Order'), {
      parameters: [{ name: 'id', in: 'path', required: true, schema: string }],
    }),
    '/totals': {
      post: { operationId: 'total', requestBody: json(ref('Filter')), responses: { 200: json(ref('Total')) } },
    },
  },
  {
    Order: order,
    Total: object({ sum: string, of: ref('Order') }),
    Filter: object({ text: string, must: string, order: ref('Order') }, ['must']),
  },
);

describe('what is gone from a REST contract', () => {
  it('comes back deprecated, with its wire mapping and the types it needs', async () => {
    const after = await rest(
      { '/orders': get('orders', { type: 'array', items: ref('Order') }) },
      { Order: object({ id: string, state: { type: 'string', enum: ['open', 'done'] } }, ['id']) },
    );
    const kept = keepRemoved(before, after, SINCE);
    expect(kept.split('\n', 1)).toEqual(after.split('\n', 1));
    const schema = buildSchema(composed(kept));
    expect(reasonsOf(schema.getType('Order'))).toEqual({ note: `Not in the contract since ${SINCE}` });
    expect(reasonsOf(schema.getQueryType())).toEqual({ order: `Not in the contract since ${SINCE}` });
    expect(reasonsOf(schema.getType('OrderState'))).toEqual({ on_hold: `Not in the contract since ${SINCE}` });
    expect(Object.keys(fieldsOf(schema.getType('Total')))).toEqual(['sum', 'of']);
    expect(kept).toMatch(
      /order\([^)]*\): Order @httpOperation\(subgraph: "api", path: "\/orders\/\{id\}".*@deprecated/,
    );
    expect(kept).toMatch(/on_hold @enum\(subgraph: "api", value: "\\"on hold\\""\) @deprecated/);
    expect(await breaking(before, kept)).toEqual(['Query.orders.page']);
  });

  it('and is an argument is sent again, unless it had to be given', async () => {
    const after = await rest({ '/orders': get('orders', { type: 'array', items: ref('Order') }) }, { Order: order });
    const kept = keepRemoved(before, after, SINCE);
    const [{ params }] = httpOf(kept, 'orders');
    expect(params.map(({ arg, in: place }) => `${arg} ${place}`)).toEqual(['state query', 'xTrace header']);
    expect(
      fieldsOf(buildSchema(composed(kept)).getQueryType())['orders']?.args.map(
        ({ name, deprecationReason }) => `${name} ${deprecationReason}`,
      ),
    ).toEqual([`state Not in the contract since ${SINCE}`, `xTrace Not in the contract since ${SINCE}`]);
  });

  it('and is a field of an input comes back only where it could be left out', async () => {
    const total = {
      post: { operationId: 'total', requestBody: json(ref('Filter')), responses: { 200: json(ref('Total')) } },
    };
    const after = await rest(
      { '/totals': total },
      { Total: object({ sum: string }), Filter: object({ more: string }) },
    );
    const kept = keepRemoved(before, after);
    const schema = buildSchema(composed(kept));
    expect(Object.keys(fieldsOf(schema.getType('FilterInput')))).toEqual(['more', 'text', 'order']);
    expect(Object.keys(fieldsOf(schema.getType('OrderInput')))).toEqual(['id', 'note', 'state']);
    expect(reasonsOf(schema.getType('Total'))).toEqual({ of: 'Not in the contract any more' });
    expect(await breaking(before, kept)).toEqual(['FilterInput.must']);
  });

  it('may be missing, so it is nullable although it once was promised', async () => {
    const strict = { nullability: 'strict' };
    const [old, young] = await Promise.all(
      [object({ id: string, name: string }, ['id', 'name']), object({ id: string }, ['id'])].map((schema) =>
        rest({ '/a': get('a', ref('A')) }, { A: schema }, strict),
      ),
    );
    const schema = buildSchema(composed(keepRemoved(old ?? '', young ?? '')));
    expect(Object.values(fieldsOf(schema.getType('A'))).map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'id: String!',
      'name: String',
    ]);
  });

  it('stays gone where a type is of another kind now, or a value is called otherwise', async () => {
    const after = await rest(
      { '/orders/{id}': get('order', object({ id: string, total: ref('Total') })) },
      { Total: { type: 'string', enum: ['a', 'b'] } },
    );
    expect(Object.keys(fieldsOf(buildSchema(composed(keepRemoved(before, after))).getQueryType()))).toEqual([
      'order',
      'orders',
    ]);
    const named = (name: string): string =>
      source(
        `type Query { a: E @httpOperation(subgraph: "api", path: "/a", httpMethod: "GET") } enum E { ${name} @enum(subgraph: "api", value: "\\"x\\"") }`,
      );
    expect(keepRemoved(named('OLD'), named('NEW'))).toBe(named('NEW'));
  });

  it('says since when once: what was kept before keeps its date', async () => {
    const after = await rest(
      { '/orders': get('orders', { type: 'array', items: ref('Order') }) },
      { Order: object({ id: string }) },
    );
    const once = keepRemoved(before, after, SINCE);
    expect(keepRemoved(once, after, '2027-01-01')).toBe(once);
    expect(keepRemoved(before, once, '2027-01-01')).toBe(once);
  });
});

it('an interface keeps a field that all who implement it keep, and one that came back implements what it can', () => {
  const field = 'a: Node @httpOperation(subgraph: "api", path: "/a", httpMethod: "GET")';
  const old = source(`type Query { ${field} b: Old @httpOperation(subgraph: "api", path: "/b", httpMethod: "GET") }
    interface Node { id: ID name: String } type A implements Node { id: ID name: String } type Old implements Node { id: ID name: String }`);
  const young = source(`type Query { ${field} } interface Node { id: ID } type A implements Node { id: ID }`);
  const kept = buildSchema(composed(keepRemoved(old, young)));
  expect(Object.keys(fieldsOf(kept.getType('Node')))).toEqual(['id', 'name']);
  expect((kept.getType('Old') as GraphQLObjectType).getInterfaces().map(({ name }) => name)).toEqual(['Node']);
  const other = source(
    `type Query { ${field} } interface Node { id: ID code: ID } type A implements Node { id: ID code: ID } type B implements Node { id: ID code: ID }`,
  );
  const apart = buildSchema(composed(keepRemoved(old, other)));
  expect(Object.keys(fieldsOf(apart.getType('Node')))).toEqual(['id', 'code']);
  expect((apart.getType('Old') as GraphQLObjectType).getInterfaces()).toEqual([]);
});

describe('what is gone from a .proto', () => {
  const shop = (messages: string, methods = ''): Promise<string> =>
    proto(
      `syntax = "proto3"; package s; message Q { string id = 1; } ${messages} service S { rpc GetItem(Q) returns (Item); ${methods} }`,
    );

  it('is still read from the bytes, and the method can still be called', async () => {
    const old = await shop(
      `message Item { string id = 1; string colour = 2; Part part = 3; optional int32 size = 4; Kind kind = 5; }
       message Part { string name = 1; } enum Kind { UNKNOWN = 0; SMALL = 1; LARGE = 2; }`,
      'rpc ListItems(Q) returns (Part);',
    );
    const young = await shop(
      'message Item { string id = 1; Kind kind = 5; string weight = 6; } enum Kind { UNKNOWN = 0; SMALL = 1; }',
    );
    const kept = keepRemoved(old, young, SINCE);
    expect(await breaking(old, kept)).toEqual([]);
    const schema = buildSchema(composed(kept));
    expect(Object.keys(reasonsOf(schema.getType('Item')))).toEqual(['colour', 'part', 'size']);
    expect(Object.keys(reasonsOf(schema.getType('Kind')))).toEqual(['LARGE']);
    expect(String(fieldsOf(schema.getType('Item'))['colour']?.type)).toBe('String!');
    const [then, now] = [old, kept].map((text) => descriptorsOf(text).lookupType('s.Item'));
    const bytes = then
      ?.encode({ id: 'x', colour: 'red', part: { name: 'p' }, size: 0, kind: 2 })
      .finish() as Uint8Array;
    expect(now?.toObject(now.decode(bytes), { enums: String })).toEqual({
      id: 'x',
      colour: 'red',
      part: { name: 'p' },
      size: 0,
      kind: 'LARGE',
    });
    expect(descriptorsOf(kept).lookupService('s.S').methods).toHaveProperty('ListItems');
    expect(keepRemoved(old, old, SINCE)).toBe(old);
  });

  it('stays gone where its number means something else', async () => {
    const old = await shop(
      'message Item { string id = 1; string colour = 2; Kind kind = 3; } enum Kind { A = 0; B = 1; }',
    );
    const young = await shop(
      'message Item { string id = 1; string paint = 2; Kind kind = 3; } enum Kind { A = 0; C = 1; }',
    );
    const kept = keepRemoved(old, young);
    expect(kept).toBe(young);
    expect(await breaking(old, kept)).toEqual(['Item.colour', 'Kind.B']);
  });

  it('comes back as a whole oneof, or not at all', async () => {
    const one = 'oneof owner { string person = 2; string team = 3; }';
    const old = await shop(`message Item { string id = 1; ${one} }`);
    expect(await breaking(old, keepRemoved(old, await shop('message Item { string id = 1; }')))).toEqual([]);
    const taken = keepRemoved(old, await shop('message Item { string id = 1; int64 weight = 3; }'));
    expect(Object.keys(fieldsOf(buildSchema(composed(taken)).getType('Item')))).toEqual(['id', 'weight']);
    const smaller = await shop('message Item { string id = 1; oneof owner { string person = 2; } }');
    expect(keepRemoved(old, smaller)).toBe(smaller);
  });
});

it('of a GraphQL service nothing is kept: it refuses what it does not have', () => {
  const text = (fields: string): string =>
    `# source api 0\nextend schema @transport(subgraph: "api", kind: "graphql")\n\ntype Query {\n  ${fields}\n}\n`;
  expect(keepRemoved(text('a: Int b: Int'), text('a: Int'))).toBe(text('a: Int'));
});

async function rest(paths: unknown, schemas: unknown, policy: unknown = {}): Promise<string> {
  return (await read({ files: openapi(paths, schemas), policy })).text;
}

async function proto(text: string): Promise<string> {
  return (await read({ files: { 'api.proto': text } })).text;
}

function source(sdl: string): string {
  const document = parse(sdl, { noLocation: true });
  return `# source api 0\nextend schema @transport(subgraph: "api", kind: "rest")\n\n${printDefinitions(document)}\n`;
}
