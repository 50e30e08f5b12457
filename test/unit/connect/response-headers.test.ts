/** Headers of answers that policy passes on: which, how many, and through every rule about calls. */
import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../gateway/config/load.ts';
import { createMemoryStore } from '../../../gateway/connect/cache/memory-store.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { createPassingOf, createPassings, pickFields } from '../../../gateway/connect/response-headers.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { faults, value } from '../config/parse.ts';
import { rootJsonOf, startGrpcUpstream } from './grpc-kit.ts';
import { callOf, optionsOf, sendJson, startUpstream } from './kit.ts';

const SDL = `type Query {
  get: JSON @httpOperation(subgraph: "shop", path: "/", httpMethod: "GET", params: [])
  asked: JSON @graphqlField(subgraph: "shop", name: "asked", type: "query")
}`;

describe('what an answer passes on', () => {
  const passing = { names: new Map([['x-a', 'first'] as const, ['x-b', 'first'] as const]), minMaxAge: false };
  it.each([
    ['close, X-A', [['x-b', 'b']]],
    [['x-b', 'close'], [['x-a', 'a']]],
    [
      'keep-alive',
      [
        ['x-a', 'a'],
        ['x-b', 'b'],
      ],
    ],
  ])('is nothing that it calls its connection’s own: %s', (connection, fields) => {
    expect(pickFields(passing, { connection, 'x-a': 'a', 'x-b': 'b' })).toEqual(fields);
  });
});

describe('the policy', () => {
  it('of an operation decides header by header, and else that of its source', () => {
    const policy = value(
      parsePolicy,
      'responseHeaders: { append: [X-A, x-b], first: [x-c], minMaxAge: true }\noperations: { get: { responseHeaders: { first: [x-a], remove: [x-b], minMaxAge: false } }, bare: { responseHeaders: { remove: [x-a, x-b, x-c], minMaxAge: false } } }',
    );
    const passingOf = createPassings(policy);
    expect(passingOf?.('other')).toEqual({
      names: new Map([
        ['x-a', 'append'],
        ['x-b', 'append'],
        ['x-c', 'first'],
      ]),
      minMaxAge: true,
    });
    expect(passingOf?.('get')).toEqual({
      names: new Map([
        ['x-a', 'first'],
        ['x-c', 'first'],
      ]),
      minMaxAge: false,
    });
    expect(passingOf?.('bare')).toBeUndefined();
    expect(createPassings(value(parsePolicy, ''))).toBeUndefined();
    expect(createPassingOf(new Map([['shop', value(parsePolicy, '')]]))).toBeUndefined();
  });

  it('cannot name what is not the source’s to say, and says each once', () => {
    const text = [
      'responseHeaders:',
      '  append: [x-a, Content-Type, transfer-encoding, x-tributary-calls, X-Request-Id, cache-control]',
      '  first: [x-a, set-cookie]',
      '  remove: [x-a]',
    ].join('\n');
    expect(faults(parsePolicy, text).map((line) => line.replace('file.yaml:', ''))).toEqual([
      '2:17 responseHeaders.append.1: is written by the gateway itself',
      '2:31 responseHeaders.append.2: belongs to the connection and cannot be used here',
      '2:50 responseHeaders.append.3: is written by the gateway itself',
      '2:69 responseHeaders.append.4: is written by the gateway itself',
      '2:83 responseHeaders.append.5: cannot be passed on as it is: use minMaxAge',
      '3:11 responseHeaders.first.0: stands in another list, too',
      '3:16 responseHeaders.first.1: belongs in append',
      '4:12 responseHeaders.remove.0: stands in another list, too',
    ]);
  });
});

describe('what is picked of an answer', () => {
  const passing = {
    names: new Map([
      ['x-a', 'append'],
      ['age', 'first'],
    ] as const),
    minMaxAge: true,
  };

  it('is what the policy names, each value for itself, and none that cannot be a header', () => {
    const headers = { 'x-a': ['1', 'a\r\nb', '2'], 'x-b': '3', age: '4', 'cache-control': 'max-age=1' };
    expect(pickFields(passing, headers)).toEqual([
      ['cache-control', 'max-age=1'],
      ['age', '4'],
      ['x-a', '1'],
      ['x-a', '2'],
    ]);
  });

  it('is bounded in number and in bytes', () => {
    expect(pickFields(passing, { 'x-a': Array(500).fill('v') }).length).toBe(100);
    expect(pickFields(passing, { 'x-a': ['v'.repeat(10_000), 'w'.repeat(10_000), 'x'] }).length).toBe(1);
  });
});

describe('answers bring along what the policy names', () => {
  const policy = { responseHeaders: { append: ['x-a', 'set-cookie'] } };

  it('from REST, also where nothing was found', async () => {
    await using upstream = await startUpstream((_request, response) => {
      response.setHeader('x-a', '1');
      response.setHeader('set-cookie', ['s=1', 't=2']);
      response.setHeader('x-b', '2');
      sendJson(response, {}, 404);
    });
    const lenient = { ...policy, operations: { get: { notFound: 'null' } } };
    await using connector = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [upstream.url], policy: lenient }));
    const { data, passed } = await connector.call(callOf('get'));
    expect({ data, passed }).toEqual({
      data: null,
      passed: [
        ['x-a', '1'],
        ['set-cookie', 's=1'],
        ['set-cookie', 't=2'],
      ],
    });
  });

  it('from GraphQL', async () => {
    await using upstream = await startUpstream((_request, response) => {
      response.setHeader('x-a', '1');
      sendJson(response, { data: { asked: 1 } });
    });
    await using connector = openConnector('graphql', optionsOf({ sdl: SDL, endpoints: [upstream.url], policy }));
    expect(
      (await connector.call(callOf('asked', {}, { selection: { text: '', variables: new Map() } }))).passed,
    ).toEqual([['x-a', '1']]);
  });

  it('from gRPC, as initial metadata', async () => {
    const proto = 'syntax = "proto3"; package p; service S { rpc Get(M) returns (M); } message M { string a = 1; }';
    await using upstream = await startGrpcUpstream(proto, 'p.S', {
      Get: (_message, call) => {
        const initial = new Metadata();
        initial.add('x-a', '1');
        initial.add('x-a', '2');
        initial.add('x-b', '3');
        call.sendMetadata(initial);
        return {};
      },
    });
    const sdl = `type M { a: String } type Query { get: M @grpcMethod(subgraph: "shop", rootJsonName: "R", objPath: "p.S", methodName: "Get", requestType: "p.M", responseType: "p.M") }`;
    const roots = [{ name: 'R', rootJson: rootJsonOf(proto) }];
    await using connector = openConnector('grpc', optionsOf({ sdl, endpoints: [upstream.address], roots, policy }));
    // HTTP/2 in Node joins what came several times.
    expect((await connector.call(callOf('get'))).passed).toEqual([['x-a', '1, 2']]);
  });

  it('and nothing without a policy', async () => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, {}));
    await using connector = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [upstream.url] }));
    expect(await connector.call(callOf('get'))).not.toHaveProperty('passed');
  });
});

describe('an answer that is shared or kept', () => {
  const world = async (responseHeaders: unknown) => {
    const clock = createFakeClock();
    let version = 1;
    const upstream = await startUpstream((request, response) => {
      response.setHeader('cache-control', 'max-age=60');
      response.setHeader('etag', '"e"');
      response.setHeader('x-a', String(version));
      response.setHeader('set-cookie', 's=1');
      version += 1;
      if (request.headers['if-none-match'] === '"e"') response.writeHead(304).end();
      else sendJson(response, {});
    });
    const policy = { responseHeaders, operations: { get: { cache: { maxAgeMs: 60_000 } } } };
    const options = optionsOf({ sdl: SDL, endpoints: [upstream.url], policy, now: clock.now });
    const store = createMemoryStore({ maxBytes: 10_000, now: clock.now });
    const connector = openConnector('rest', options, [], { store });
    const call = async () => (await connector.call(callOf('get', {}, { deadline: clock.now() + 10_000 }))).passed;
    return {
      clock,
      upstream,
      call,
      [Symbol.asyncDispose]: async () => {
        await connector[Symbol.asyncDispose]();
        await upstream[Symbol.asyncDispose]();
      },
    };
  };

  it('passes the same on to all, older by the time it was kept, and newer ones once it was found still good', async () => {
    await using given = await world({ first: ['x-a'], minMaxAge: true });
    const fresh = [
      ['cache-control', 'max-age=60'],
      ['x-a', '1'],
    ];
    expect(await Promise.all([given.call(), given.call()])).toEqual([fresh, fresh]);
    given.clock.advance(20_500);
    expect(await given.call()).toEqual([...fresh, ['age', '20']]);
    expect(given.upstream.requests.length).toBe(1);
    given.clock.advance(50_000);
    expect(await given.call()).toEqual([
      ['cache-control', 'max-age=60'],
      ['x-a', '2'],
    ]);
    expect(given.upstream.requests.length).toBe(2);
    given.clock.advance(1000);
    expect(await given.call()).toEqual([
      ['cache-control', 'max-age=60'],
      ['x-a', '2'],
      ['age', '1'],
    ]);
  });

  it('holds no cookies: who is given Set-Cookie has an answer of its own', async () => {
    await using given = await world({ append: ['set-cookie'] });
    await Promise.all([given.call(), given.call()]);
    expect(await given.call()).toEqual([['set-cookie', 's=1']]);
    expect(given.upstream.requests.length).toBe(3);
  });
});
