import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '../../../../gateway/connect/connector.ts';
import { createGraphqlConnector } from '../../../../gateway/connect/graphql/connector.ts';
import { createHeaders } from '../../../../gateway/connect/headers.ts';
import { argumentsKey, NOT_ANSWER_SHAPING } from '../../../../gateway/connect/key.ts';
import { createRestConnector } from '../../../../gateway/connect/rest/connector.ts';
import { callOf, optionsOf, type Received, sendJson, startUpstream, type Upstream } from '../kit.ts';

const FORWARD = ['accept-language', 'authorization', 'traceparent', 'x-tenant'];
const REST = /* GraphQL */ `
  type Query {
    get(id: String, tag: String, body: JSON): JSON @httpOperation(subgraph: "shop", path: "/things/{id}", httpMethod: "POST", accept: "application/json",
      params: [{ arg: "id", name: "id", in: "path", style: "simple", explode: false }, { arg: "tag", name: "tag", in: "header", style: "simple", explode: false }],
      body: { arg: "body", mediaType: "application/json" })
  }
`;
const GRAPHQL =
  'type Query { get(id: String, tag: String): JSON @graphqlField(subgraph: "shop", name: "get", type: "query") }';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream((_request, response) => sendJson(response, { data: { get: 1 } }));
});
afterAll(async () => await upstream[Symbol.asyncDispose]());

/** Few values, so that equal calls are no accident. */
const few = fc.constantFrom('a', 'b', 'a:b', 'a b');
const asked = fc.record(
  {
    args: fc.record({ id: few, tag: few, body: fc.constantFrom({ x: 1 }, { x: '1' }, null) }, { requiredKeys: ['id'] }),
    headers: fc.record(
      {
        'accept-language': few,
        authorization: few,
        'x-tenant': few,
        traceparent: fc.string({ maxLength: 3, unit: 'grapheme-ascii' }),
        cookie: few,
      },
      { requiredKeys: [] },
    ),
    requestId: fc.constantFrom('r1', 'r2'),
    deadline: fc.constantFrom(0, 100, 1000),
  },
  { requiredKeys: ['args', 'headers'] },
);

/** What the upstream could go by: all that it received but for the documented list and the plumbing of the connection. */
function seen({ method, url, headers, body }: Received): string {
  const shaping = Object.entries(headers).filter(([name]) => !NOT_ANSWER_SHAPING.has(name) && name !== 'connection');
  return JSON.stringify([method, url, shaping.sort(), body]);
}

describe.each<[string, () => Connector]>([
  ['REST', () => createRestConnector(optionsOf({ sdl: REST, endpoints: [upstream.url], forward: FORWARD }))],
  ['GraphQL', () => createGraphqlConnector(optionsOf({ sdl: GRAPHQL, endpoints: [upstream.url], forward: FORWARD }))],
])('the keys of two calls of %s', (_kind, open) => {
  it('are equal exactly when the upstream receives the same', async () => {
    await using connector = open();
    await fc.assert(
      fc.asyncProperty(asked, asked, async (first, second) => {
        const received: string[] = [];
        const keys: (string | undefined)[] = [];
        for (const { args, headers, deadline = 0, ...rest } of [first, second]) {
          const call = callOf('get', args, { ...rest, headers, deadline: Date.now() + 10_000 + deadline });
          keys.push(connector.keyOf?.(call)?.text);
          await connector.call(call);
          received.push(seen(upstream.requests.pop() as Received));
        }
        expect(keys[0] === keys[1]).toBe(received[0] === received[1]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('the key of a call whose connector gives none', () => {
  const headersOf = createHeaders(optionsOf({ sdl: REST, forward: FORWARD }));
  const textOf = (input: unknown, headers: Record<string, string> = {}, requestId = 'r'): string | undefined =>
    argumentsKey(callOf('get', { input }, { headers, requestId }), (call) => headersOf(call, [], true))?.text;

  it('is equal exactly when the arguments are', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(undefined, 1n, new Date(1), Buffer.from('1'), '1', 1, [1], { 0: 1 }),
    );
    fc.assert(
      fc.property(value, value, (first, second) => {
        expect(textOf(first) === textOf(second)).toBe(sameValue(first, second));
        expect(textOf(first)).toBe(textOf(structuredClone(first)));
      }),
    );
    expect(textOf({ a: 1, b: 2 })).toBe(textOf({ b: 2, a: 1 }));
  });

  it('holds the headers that are sent, but for those that tell who asks', () => {
    expect(textOf(1, { authorization: 'a' })).not.toBe(textOf(1, { authorization: 'b' }));
    expect(textOf(1, { authorization: 'a' })).not.toBe(textOf(1, { 'x-tenant': 'a' }));
    expect(textOf(1, { cookie: 'a', traceparent: 'a' }, 'r1')).toBe(textOf(1, { cookie: 'b', traceparent: 'b' }, 'r2'));
  });

  it.each(['x-correlation-id', 'traceparent', 'b3'])('holds who asks where that is sent as %s', (to) => {
    const policy = { headers: { rename: { 'x-user': to, tracestate: 'x-b3-traceid' } } };
    const renamed = createHeaders(optionsOf({ sdl: REST, policy }));
    const keyOf = (headers: Record<string, string>): string | undefined =>
      argumentsKey(callOf('get', {}, { headers }), (call) => renamed(call, [], true))?.text;
    expect(renamed(callOf('get', {}, { headers: { 'x-user': 'alice' } })).get(to)).toBe('alice');
    expect(keyOf({ 'x-user': 'alice' })).not.toBe(keyOf({ 'x-user': 'bob' }));
    expect(keyOf({ 'x-user': 'alice', [to]: 'a' })).toBe(keyOf({ 'x-user': 'alice', [to]: 'b' }));
    expect(keyOf({ tracestate: 'a' })).toBe(keyOf({ tracestate: 'b' }));
  });

  it('holds where the call goes and how its answer is read', () => {
    const at = (wire: string): string | undefined => argumentsKey(callOf('get'), () => new Map(), wire)?.text;
    expect(at('a:1')).toBe(at('a:1'));
    expect(at('a:1')).not.toBe(at('a:2'));
  });

  it.each([
    ['an upload', new Blob(['x'])],
    ['a function', () => 1],
    ['what holds itself', cyclic()],
  ])('is none for %s', (_what, value) => {
    expect(textOf(value)).toBeUndefined();
  });
});

describe('a header that a contract declares under a name for tracing', () => {
  const NAMES = ['X-Request-Id', 'x-correlation-id'];
  const params = NAMES.map(
    (name, n) => `{ arg: "a${n}", name: "${name}", in: "header", style: "simple", explode: false }`,
  );
  const sdl = `type Query { get(a0: String, a1: String): JSON @httpOperation(subgraph: "shop", path: "/", httpMethod: "GET", params: [${params}]) }`;

  it.each([0, 1])('is sent as it was given and is part of the key: %i', async (n) => {
    await using connector = createRestConnector(
      optionsOf({ sdl, endpoints: [upstream.url], forward: ['x-correlation-id'] }),
    );
    const keyOf = (value: string | undefined, requestId: string) =>
      connector.keyOf?.(callOf('get', { [`a${n}`]: value }, { requestId, headers: { 'x-correlation-id': requestId } }))
        ?.text;
    expect(keyOf('one', 'r1')).toBe(keyOf('one', 'r2'));
    expect(keyOf('one', 'r1')).not.toBe(keyOf('two', 'r1'));
    expect(keyOf(undefined, 'r1')).toBe(keyOf(undefined, 'r2'));
    await connector.call(callOf('get', { [`a${n}`]: 'one' }, { requestId: 'r1' }));
    expect(upstream.requests.pop()?.headers[NAMES[n]?.toLowerCase() ?? '']).toBe('one');
  });
});

function cyclic(): unknown {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

function sameValue(first: unknown, second: unknown): boolean {
  try {
    expect(first).toStrictEqual(second);
    return true;
  } catch {
    return false;
  }
}
