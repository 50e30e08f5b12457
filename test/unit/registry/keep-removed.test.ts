/** What a contract drops stays for clients, deprecated, as far as the wire allows. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { keepRemoved } from '../../../gateway/registry/keep/keep-removed.ts';
import { startApp } from '../../kit/app.ts';
import { startFaultyGrpc } from '../../kit/faulty-upstream.ts';
import { makeSupply } from '../../kit/fixed-supply.ts';
import { get, json, openapi, read } from '../ingest/kit.ts';
import { object, ref, string } from '../ingest/made.ts';
import { breaking, composed, descriptorsOf, fieldsOf, httpOf, reasonsOf, serve } from './keep-kit.ts';

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

  it('stays gone where a type is of another kind now', async () => {
    const after = await rest(
      { '/orders/{id}': get('order', object({ id: string, total: ref('Total') })) },
      { Total: { type: 'string', enum: ['a', 'b'] } },
    );
    expect(Object.keys(fieldsOf(buildSchema(composed(keepRemoved(before, after))).getQueryType()))).toEqual([
      'order',
      'orders',
    ]);
  });

  it('is served: a call, an argument, and a field that is missing is null', async () => {
    const parameters = [{ name: 'in-stock', in: 'query', schema: { type: 'boolean' } }];
    const older = await textOf(
      openapi({
        '/a': get('a', object({ id: string, old: string }, ['id', 'old']), { parameters }),
        '/b': get('b', string),
      }),
      { nullability: 'strict' },
    );
    const newer = await textOf(openapi({ '/a': get('a', object({ id: string }, ['id'])) }), { nullability: 'strict' });
    const asked: string[] = [];
    const server = createServer((message, response) => {
      asked.push(message.url ?? '');
      response.setHeader('content-type', 'application/json').end(message.url === '/b' ? '"x"' : '{"id":"1"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await using generation = serve(
      keepRemoved(older, newer),
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    await using app = startApp(makeSupply(generation));
    const { body } = await app.query('{ a(inStock: true) { id old } b }');
    server.close();
    server.closeAllConnections();
    expect(body).toEqual({ data: { a: { id: '1', old: null }, b: 'x' } });
    expect(asked.sort()).toEqual(['/a?in-stock=true', '/b']);
  });
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

  it('is served: values of fields, their defaults, and enum values, both ways', async () => {
    const proto = (more: string, kinds: string): string =>
      `syntax = "proto3"; package s; service S { rpc GetItem(Q) returns (Item); } message Q { string id = 1; ${more} } message Item { string id = 1; ${more} } enum Kind { NONE = 0; ${kinds} }`;
    const [older = '', newer = ''] = await Promise.all(
      [proto('string colour = 2; Kind kind = 3;', 'LARGE = 2;'), proto('Kind kind = 3;', '')].map((text) =>
        textOf({ 'api.proto': text }),
      ),
    );
    const { root } = protobuf.parse(proto('string colour = 2; Kind kind = 3;', 'LARGE = 2;'), { keepCase: true });
    const [request, item] = [root.lookupType('s.Q'), root.lookupType('s.Item')];
    const asked: unknown[] = [];
    await using upstream = await startFaultyGrpc(['/s.S/GetItem'], (call, reply) => {
      const sent = request.toObject(request.decode(call.request));
      asked.push(sent);
      reply(null, Buffer.from(item.encode(sent['id'] === 'bare' ? { id: 'bare' } : sent).finish()));
    });
    await using generation = serve(keepRemoved(older, newer), upstream.endpoint);
    await using app = startApp(makeSupply(generation));
    const query = 'query ($input: QInput) { getItem(input: $input) { id colour kind } }';
    const whole = { id: '1', colour: 'red', kind: 'LARGE' };
    expect((await app.query(query, { variables: { input: whole } })).body).toEqual({ data: { getItem: whole } });
    expect(asked).toEqual([{ id: '1', colour: 'red', kind: 2 }]);
    expect((await app.query(query, { variables: { input: { id: 'bare' } } })).body).toEqual({
      data: { getItem: { id: 'bare', colour: '', kind: 'NONE' } },
    });
  });
});

function rest(paths: unknown, schemas: unknown, policy: unknown = {}): Promise<string> {
  return textOf(openapi(paths, schemas), policy);
}

function proto(text: string): Promise<string> {
  return textOf({ 'api.proto': text });
}

async function textOf(files: Readonly<Record<string, string | Uint8Array>>, policy: unknown = {}): Promise<string> {
  return (await read({ files, policy })).text;
}
