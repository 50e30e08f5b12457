/** What is sent to a source is bounded, before it is written and as it was written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLarger } from '../../../gateway/connect/chain/request-size.ts';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { Upload } from '../../../gateway/connect/upload.ts';
import { connectorOf, open, startSse, text } from './graphql/subscription-kit.ts';
import { startGrpcUpstream } from './grpc-kit.ts';
import { options as grpcOptions, PROTO } from './grpc-things.ts';
import { callOf, failureOf, optionsOf, sendJson, startUpstream } from './kit.ts';

const MAX = 2000;
const policy = { maxRequestBytes: MAX };

describe('a value', () => {
  it('is never taken for larger than its JSON, and always for larger than what its texts are shorter than', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(200), (value, max) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        if (isLarger(value, max)) expect(bytes).toBeGreaterThan(max);
        if (!isLarger(value, max)) expect(textsIn(value)).toBeLessThanOrEqual(max);
      }),
      { numRuns: 300 },
    );
  });

  it('is looked at no further than to the limit, however often its parts stand in it', () => {
    const once = 'x'.repeat(1000);
    const ten = Array.from({ length: 10 }, () => once);
    const thousand = Array.from({ length: 100 }, () => ten);
    expect([isLarger(thousand, 1_000_000), isLarger(thousand, 2_000_000)]).toEqual([true, false]);
    const endless: unknown[] = [];
    endless.push(endless, endless);
    expect(isLarger(endless, 100_000)).toBe(true);
  });

  it('may hold files, whose bytes have limits of their own, and bytes', () => {
    const file = new Upload('f', () => Promise.reject(new Error('not opened')));
    expect(isLarger({ file, also: Buffer.alloc(90) }, 100)).toBe(false);
    expect(isLarger({ file, also: Buffer.alloc(101) }, 100)).toBe(true);
  });
});

function textsIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, each) => sum + textsIn(each), 0)
    : 0;
}

/** One letter that takes two bytes: what is measured before it is written is within the limit. */
const WIDE = 'é'.repeat(1100);
const REST = `
  input Thing { name: String }
  type Query { a: Int }
  type Mutation {
    json(input: Thing): JSON @httpOperation(subgraph: "shop", path: "/", httpMethod: "POST", params: [], body: { arg: "input", mediaType: "application/json" })
    form(input: Thing): JSON @httpOperation(subgraph: "shop", path: "/", httpMethod: "POST", params: [], body: { arg: "input", mediaType: "multipart/form-data" })
  }`;
const GRAPHQL = 'type Query { now(of: String): JSON @graphqlField(subgraph: "shop", name: "now", type: "JSON") }';

describe('a request that is too large', () => {
  const refused = async (connector: Connector, operation: string, args: (text: string) => Record<string, unknown>) => {
    for (const text of ['x'.repeat(2 * MAX), WIDE]) {
      const call = callOf(operation, args(text), { coordinate: 'Query.asked' });
      const error = await failureOf(connector.call(call));
      const message = `Query.asked would send more than ${MAX} bytes to its source at once: send less, or split it.`;
      expect(error).toMatchObject({ code: 'LIMIT_REQUEST_SIZE', source: 'shop', message, retryable: false });
    }
    await connector.call(callOf(operation, args('x'.repeat(MAX / 2))));
  };

  it.each(['json', 'form'])('is not sent to a REST source as %s', async (operation) => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, {}));
    await using connector = openConnector('rest', optionsOf({ sdl: REST, policy, endpoints: [upstream.url] }));
    await refused(connector, operation, (name) => ({ input: { name } }));
    expect(upstream.requests).toHaveLength(1);
  });

  it('is not sent to a GraphQL source, nor does it open a subscription', async () => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, { data: { now: 1 } }));
    await using connector = openConnector('graphql', optionsOf({ sdl: GRAPHQL, policy, endpoints: [upstream.url] }));
    await refused(connector, 'now', (of) => ({ of }));
    expect(upstream.requests).toHaveLength(1);
    await using events = await startSse(text('event: complete\n\n'));
    await using subscribing = connectorOf({ endpoints: [events.url] }, policy);
    for (const of of ['x'.repeat(2 * MAX), WIDE]) {
      expect((await failureOf(open(subscribing, { args: { of } }).next())).code).toBe('LIMIT_REQUEST_SIZE');
    }
    expect((await open(subscribing, { args: { of: 'a' } }).next()).done).toBe(true);
    expect(events.asked).toHaveLength(1);
  });

  it('is not sent to a gRPC source, nor does it open a stream', async () => {
    let calls = 0;
    const count = () => {
      calls += 1;
      return {};
    };
    await using upstream = await startGrpcUpstream(PROTO, 'test.v1.Things', {
      GetThing: count,
      WatchThings: () => [count()],
    });
    await using connector = openConnector('grpc', await grpcOptions({ endpoints: [upstream.address], policy }));
    await refused(connector, 'getThing', (byName) => ({ input: { target: { byName } } }));
    for (const name of ['x'.repeat(2 * MAX), WIDE]) {
      const call = callOf('watchThings', { input: { target: { byName: name } } });
      const stream = connector.stream?.(call)[Symbol.asyncIterator]() as AsyncIterator<unknown>;
      expect((await failureOf(stream.next())).code).toBe('LIMIT_REQUEST_SIZE');
    }
    expect(calls).toBe(1);
  });
});

it('without a policy of its own a source gets what holds for all, 4 MiB where nobody says', async () => {
  await using upstream = await startUpstream((_request, response) => sendJson(response, {}));
  const options = optionsOf({ sdl: REST, endpoints: [upstream.url] });
  await using all = openConnector('rest', options);
  await using few = openConnector('rest', { ...options, maxRequestBytes: 1000 });
  const send = (to: Connector, length: number) => to.call(callOf('json', { input: { name: 'x'.repeat(length) } }));
  await send(all, 4_000_000);
  await send(few, 900);
  expect((await failureOf(send(all, 4_194_304))).code).toBe('LIMIT_REQUEST_SIZE');
  expect((await failureOf(send(few, 990))).code).toBe('LIMIT_REQUEST_SIZE');
  expect(upstream.requests).toHaveLength(2);
});
