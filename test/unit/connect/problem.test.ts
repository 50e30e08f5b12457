/** What clients see of an upstream's own words about an error: nothing, or what it declares to be for them. */
import { Metadata, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { createDetailsReader } from '../../../gateway/connect/grpc/status-details.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { boundProblem, hiddenTexts } from '../../../gateway/connect/problem.ts';
import { type GrpcHandler, Refusal, startGrpcUpstream } from './grpc-kit.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf, failureOf, optionsOf, publicText, startUpstream, type Upstream } from './kit.ts';
import { any, message, statusOf, text, varint } from './status-bytes.ts';

const SDL =
  'type Query { one: JSON @httpOperation(subgraph: "shop", path: "/one", httpMethod: "GET", accept: "application/json", params: []) }';
const POLICY = {
  errors: { expose: 'problem' },
  headers: { set: { 'x-key': 'secret-key-1' } },
  auth: { bearer: { token: 'token-of-the-source' } },
};
const TYPE = 'application/problem+json';

describe('an error of a REST source', () => {
  let upstream: Upstream;
  let body: unknown;
  let type: string;
  const connectors: Connector[] = [];

  beforeAll(async () => {
    upstream = await startUpstream((_request, response) => {
      response.writeHead(422, { 'content-type': type });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });

  afterAll(async () => {
    for (const connector of connectors) await connector[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  async function told(answer: unknown, policy: unknown = POLICY, contentType = TYPE): Promise<unknown> {
    body = answer;
    type = contentType;
    const connector = openConnector('rest', optionsOf({ sdl: SDL, policy, endpoints: [upstream.url] }));
    connectors.push(connector);
    const error = await failureOf(connector.call(callOf('one')));
    expect(error).toMatchObject({ code: 'UPSTREAM_REJECTED', detail: { upstreamStatus: 422 } });
    return error.detail['problem'];
  }

  const problem = { type: 'https://shop.test/out-of-stock', title: 'Out of stock', status: 422, detail: 'None left.' };

  it('is told where the policy says so', async () => {
    expect(await told({ ...problem, left: { items: [1, true, null] } })).toEqual({
      ...problem,
      left: { items: [1, true, null] },
    });
  });

  it.each([
    ['without the policy', problem, {}, TYPE],
    ['of another type', problem, POLICY, 'application/json'],
    ['that is no JSON', '<html>', POLICY, TYPE],
    ['that is no object', [problem], POLICY, TYPE],
    ['that says nothing', {}, POLICY, TYPE],
  ])('is not told %s', async (_title, answer, policy, contentType) => {
    expect(await told(answer, policy, contentType)).toBeUndefined();
  });

  it('loses members of the wrong type, the host of its instance, and what was not to be seen', async () => {
    const { host } = new URL(upstream.url);
    const answer = {
      type: `http://${host}/problems/1`,
      title: 7,
      status: '422',
      detail: 'a\u0000b\u202ec',
      instance: 'https://inner.example:8443/orders/7?x=1',
      sent: 'the token was TOKEN-of-the-source',
      keys: ['secret-key-1', 'kept'],
      deep: { at: [`calling ${host} failed`, { [host]: 1 }] },
    };
    const seen = await told(answer);
    expect(seen).toEqual({ detail: 'a b c', instance: '/orders/7?x=1', keys: ['kept'], deep: { at: [{}] } });
  });

  it('loses the key that the query carries', async () => {
    const auth = { apiKey: { in: 'query', name: 'key', value: 'query key 123' } };
    const answer = { title: 't', a: 'key=query%20key%20123', b: 'key query key 123 is wrong' };
    expect(await told(answer, { errors: POLICY.errors, auth })).toEqual({ title: 't' });
  });
});

describe('an error of a gRPC source', () => {
  let upstream: Awaited<ReturnType<typeof startGrpcUpstream>>;
  let handler: GrpcHandler;

  beforeAll(async () => {
    const handle: GrpcHandler = (message, call) => handler(message, call);
    upstream = await startGrpcUpstream(PROTO, 'test.v1.Things', {
      GetThing: handle,
      WatchThings: (message, call) => handler(message, call),
    });
  });

  afterAll(async () => await upstream[Symbol.asyncDispose]());

  const details = [
    any('BadRequest', [message(1, text(1, 'title'), text(2, 'too long'))]),
    any('ErrorInfo', [text(1, 'OUT_OF_STOCK'), text(2, 'shop.test'), message(3, text(1, 'left'), text(2, '0'))]),
    any('RetryInfo', [message(1, varint(1, 3))]),
    any('Help', [message(1, text(1, 'read'), text(2, 'https://shop.test/help'))]),
    any('DebugInfo', [text(1, 'stack of secret things')]),
    any('QuotaFailure', [Buffer.from([0x0a, 0x7f])]),
  ];
  const shown = {
    code: 3,
    message: 'not like this',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field: 'title', description: 'too long' }],
      },
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'OUT_OF_STOCK',
        domain: 'shop.test',
        metadata: { left: '0' },
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' },
      {
        '@type': 'type.googleapis.com/google.rpc.Help',
        links: [{ description: 'read', url: 'https://shop.test/help' }],
      },
    ],
  };

  function refuse(bytes: Buffer): void {
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', bytes);
    handler = () => {
      throw Object.assign(new Refusal(status.INVALID_ARGUMENT, 'row 7'), { metadata });
    };
  }

  it.each(['getThing', 'watchThings'])('is told where the policy says so, by %s', async (operation) => {
    refuse(statusOf('not like this', details));
    await using connector = openConnector(
      'grpc',
      await options({ endpoints: [upstream.address], policy: { errors: POLICY.errors } }),
    );
    const calling = operation === 'getThing' ? connector.call(callOf(operation)) : first(connector, operation);
    const error = await failureOf(calling);
    expect(error).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      detail: { upstreamStatus: 'INVALID_ARGUMENT', problem: shown },
    });
    expect(publicText(error)).not.toMatch(/secret|row 7/);
  });

  it('is not told without the policy, nor when it is none', async () => {
    refuse(statusOf('not like this', details));
    await using quiet = openConnector('grpc', await options({ endpoints: [upstream.address] }));
    expect((await failureOf(quiet.call(callOf('getThing')))).detail).toEqual({ upstreamStatus: 'INVALID_ARGUMENT' });
    refuse(Buffer.from([0x12, 0x7f, 0x61]));
    await using loud = openConnector(
      'grpc',
      await options({ endpoints: [upstream.address], policy: { errors: POLICY.errors } }),
    );
    expect((await failureOf(loud.call(callOf('getThing')))).detail).toEqual({ upstreamStatus: 'INVALID_ARGUMENT' });
  });

  it('never tells where it came from', () => {
    const read = createDetailsReader('dns:///stock.internal:50051');
    const failure = { code: 3, name: 'INVALID_ARGUMENT', error: new Error('x') };
    const said = {
      ...failure,
      details: statusOf('stock.internal is ill', [any('Help', [message(1, text(1, 'Bearer the-token-1'))])]),
    };
    expect(read(said, new Map([['authorization', 'Bearer the-token-1']]))).toMatchObject({
      code: 3,
      details: [{ links: [{}] }],
    });
    expect(JSON.stringify(read(said, new Map([['authorization', 'Bearer the-token-1']])))).not.toContain('the-token');
    expect(read(said, new Map())).not.toHaveProperty('message');
  });
});

describe('the bounds of a problem', () => {
  it('hold for any value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 9 })), (value) => {
        const bound = boundProblem(value, ['"']) ?? {};
        expect(Buffer.byteLength(JSON.stringify(bound))).toBeLessThanOrEqual(8192);
        expect(depthOf(bound)).toBeLessThanOrEqual(5);
        expect(boundProblem(bound, [])).toEqual(
          depthOf(bound) === 0 || Object.keys(bound).length === 0 ? undefined : bound,
        );
      }),
    );
  });

  it('keep what comes first', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 'x'.repeat(3000)]));
    const bound = boundProblem({ title: 't', many, status: 422 }, []) ?? {};
    expect(bound['title']).toBe('t');
    expect(Object.values(bound['many'] as object).every((text) => text.length === 2000)).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(bound))).toBeLessThanOrEqual(8192);
  });

  it('know what is hidden', () => {
    const headers = new Map([
      ['authorization', 'Bearer abcdefgh'],
      ['accept', 'application/json'],
      ['x-short', 'abc'],
    ]);
    expect(hiddenTexts('orders:8080', headers)).toEqual(['//orders', 'orders:', 'Bearer abcdefgh', 'abcdefgh']);
    expect(hiddenTexts('10.0.0.1:80', new Map())).toEqual(['10.0.0.1']);
    expect(
      boundProblem({ detail: 'no orders today', type: 'http://orders/x' }, hiddenTexts('orders', new Map())),
    ).toEqual({
      detail: 'no orders today',
    });
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

async function first(connector: Connector, operation: string): Promise<unknown> {
  for await (const each of connector.stream?.(callOf(operation)) ?? []) return each;
  return undefined;
}
