import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { createHeaders } from '../../../gateway/connect/headers.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { type GrpcCall, rootJsonOf, startGrpcUpstream } from './grpc-kit.ts';
import { callOf, failureOf, optionsOf, publicText, sendJson, startUpstream } from './kit.ts';

const SDL = `type Query { get: JSON @httpOperation(subgraph: "shop", path: "/", httpMethod: "GET", params: [], accept: "application/json") }`;
const client = {
  authorization: 'Bearer of-the-client',
  'x-tenant': 't1',
  'x-both': 'client',
  'x-private': 'stays here',
  'x-hop': 'of this connection',
  connection: 'keep-alive, X-Hop',
  'accept-encoding': 'zstd',
  'content-type': 'application/graphql',
  'user-agent': 'browser',
  host: 'gateway.example',
  cookie: 'a=1',
};
const policy = {
  headers: { forward: ['X-Tenant', 'x-both', 'cookie'], set: { 'X-Api-Key': 'key-of-the-source', 'x-both': 'policy' } },
};
const forward = [
  'x-hop',
  'content-type',
  'accept-encoding',
  'host',
  'connection',
  'user-agent',
  'x-tenant',
  'x-absent',
];

describe('headers', () => {
  it('reach a REST source by the rules: forwarded where wanted, set by policy, never those of the connection', async () => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, {}));
    await using connector = openConnector(
      'rest',
      optionsOf({
        sdl: SDL,
        endpoints: [upstream.url],
        policy,
        forward,
        headers: { 'X-Static': 'mesh', 'x-both': 'mesh', Connection: 'upgrade', Host: 'other.example' },
      }),
    );
    await connector.call(callOf('get', {}, { headers: client, requestId: 'r-7' }));
    const [request] = upstream.requests;
    if (!request) throw new Error('nothing came');
    const { 'x-request-timeout-ms': timeout, ...rest } = request.headers;
    const { rawHeaders } = request;
    expect(rest).toEqual({
      host: upstream.url.replace('http://', ''),
      connection: 'keep-alive',
      accept: 'application/json',
      'user-agent': 'tributary',
      'x-request-id': 'r-7',
      'x-tenant': 't1',
      'x-both': 'policy',
      'x-static': 'mesh',
      'x-api-key': 'key-of-the-source',
      cookie: 'a=1',
    });
    expect(Number(timeout)).toBeGreaterThan(0);
    expect(Number(timeout)).toBeLessThanOrEqual(10_000);
    expect(new Set(rawHeaders.filter((_text, index) => index % 2 === 0)).size).toBe(rawHeaders.length / 2);
  });

  it('reach a gRPC source as metadata, binary ones as bytes, and the time that is left as grpc-timeout', async () => {
    const proto = 'syntax = "proto3"; package p; service S { rpc Get(M) returns (M); } message M { string a = 1; }';
    let seen = new Metadata();
    let deadline: GrpcCall['getDeadline'] extends () => infer Result ? Result : never = 0;
    await using upstream = await startGrpcUpstream(proto, 'p.S', {
      Get: (_message, call) => {
        seen = call.metadata;
        deadline = call.getDeadline();
        return {};
      },
    });
    await using connector = openConnector(
      'grpc',
      optionsOf({
        sdl: `type M { a: String } type Query { get: M @grpcMethod(subgraph: "shop", rootJsonName: "R", objPath: "p.S", methodName: "Get", requestType: "p.M", responseType: "p.M") }`,
        endpoints: [upstream.address],
        roots: [{ name: 'R', rootJson: rootJsonOf(proto) }],
        policy: { ...policy, deadlineMs: 5000 },
        forward: [...forward, 'x-trace-bin', 'grpc-timeout'],
        headers: { 'X-Static': 'mesh' },
      }),
    );
    const headers = { ...client, 'x-trace-bin': 'AP+J', 'grpc-timeout': '1n' };
    await connector.call(callOf('get', {}, { headers, requestId: 'r-8' }));
    expect(seen.getMap()).toEqual({
      'user-agent': expect.stringMatching(/^tributary grpc-node-js\//),
      'x-request-id': 'r-8',
      'x-tenant': 't1',
      'x-both': 'policy',
      'x-static': 'mesh',
      'x-api-key': 'key-of-the-source',
      'x-trace-bin': Buffer.from([0, 255, 137]),
      cookie: 'a=1',
    });
    expect(Number(deadline) - Date.now()).toBeLessThanOrEqual(5100);
    const error = await failureOf(connector.call(callOf('get', {}, { headers: { 'x-tenant': 'é' } })));
    expect(error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('x-tenant') });
  });

  it.each(['a\r\nx-evil: 1', 'a\nb', 'a\0b', 'Ω'])(
    'that hold %j are refused, and the value is not told',
    async (value) => {
      const headersOf = createHeaders(optionsOf({ sdl: SDL, policy }));
      for (const attempt of [
        () => headersOf(callOf('get', {}, { headers: { 'x-tenant': value } })),
        () => headersOf(callOf('get', {}, { requestId: value })),
        () => headersOf(callOf('get'), [['x-own', value]]),
      ]) {
        const error = await failureOf(Promise.resolve().then(attempt));
        expect(error.code).toBe('BAD_REQUEST');
        expect(publicText(error)).not.toContain(JSON.stringify(value).slice(1, -1));
      }
    },
  );

  it('that a policy or .meshrc.yaml sets are checked when the source is opened, without telling the secret', () => {
    const set = { 'x-api-key': 'hush\r\nx-evil: 1' };
    expect(() => createHeaders(optionsOf({ sdl: SDL, policy: { headers: { set } } }))).toThrow(/"x-api-key"/);
    expect(() => createHeaders(optionsOf({ sdl: SDL, policy: { headers: { set } } }))).not.toThrow(/hush/);
    expect(() => createHeaders(optionsOf({ sdl: SDL, headers: { 'bad name': 'x' } }))).toThrow(/"bad name"/);
  });

  it('of the operation join the cookies of the client and never replace what the operator set', () => {
    const headersOf = createHeaders(optionsOf({ sdl: SDL, policy }));
    const own = [
      ['Cookie', 'b=2'],
      ['X-Both', 'operation'],
      ['content-length', '3'],
      ['not a name', 'x'],
    ] as const;
    const headers = headersOf(callOf('get', {}, { headers: client }), own);
    expect(headers.get('cookie')).toBe('a=1; b=2');
    expect(headers.get('x-both')).toBe('policy');
    expect([...headers.keys()].sort()).toEqual(
      ['cookie', 'x-api-key', 'x-both', 'x-request-id', 'x-request-timeout-ms', 'x-tenant'].sort(),
    );
  });
});
