/** The rules as a policy asks for them, around real connections to an upstream that misbehaves. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBreakers } from '../../../gateway/connect/chain/breakers.ts';
import { createTraceRule } from '../../../gateway/connect/chain/trace.ts';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { type CallResources, openConnector } from '../../../gateway/connect/open.ts';
import type { CallRecord } from '../../../gateway/context.ts';
import { until } from '../../kit/until.ts';
import { callOf, failureOf, optionsOf, sendJson, startUpstream, type Upstream } from './kit.ts';

const SDL = /* GraphQL */ `
  type Query {
    get(id: String): JSON @httpOperation(subgraph: "shop", path: "/things/{id}", httpMethod: "GET", accept: "application/json",
      params: [{ arg: "id", name: "id", in: "path", style: "simple", explode: false }])
    other: JSON @httpOperation(subgraph: "shop", path: "/other", httpMethod: "GET", accept: "application/json", params: [])
  }
  type Mutation {
    set(id: String): JSON @httpOperation(subgraph: "shop", path: "/things/{id}", httpMethod: "PUT", accept: "application/json",
      params: [{ arg: "id", name: "id", in: "path", style: "simple", explode: false }])
  }
`;

const say = (response: ServerResponse, value: unknown): void => sendJson(response, JSON.stringify(value));

let upstream: Upstream;
let second: Upstream;
let answer: (response: ServerResponse, incoming: IncomingMessage) => void;
const records: CallRecord[] = [];
const trace = createTraceRule({ now: Date.now, record: (record) => records.push(record) });

function open(policy: unknown = {}, resources: CallResources = {}, endpoints = [upstream.url]): Connector {
  return openConnector('rest', optionsOf({ sdl: SDL, endpoints, policy, forward: ['authorization'] }), [trace], {
    random: () => 0,
    ...resources,
  });
}

const get = (connector: Connector, rest: Parameters<typeof callOf>[2] = {}) =>
  connector.call(callOf('get', { id: '1' }, rest));
const set = (connector: Connector) => connector.call(callOf('set', { id: '1' }, { idempotent: false }));

beforeAll(async () => {
  upstream = await startUpstream((_request, response, incoming) => answer(response, incoming));
  second = await startUpstream((_request, response) => say(response, 'second'));
});
afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
});
beforeEach(() => {
  for (const list of [upstream.requests, second.requests, records]) list.length = 0;
  answer = (response) => say(response, upstream.requests.length);
});

/** Fails so many times and then answers. */
function failing(times: number, fail: typeof answer): typeof answer {
  return (response, incoming) => (upstream.requests.length <= times ? fail(response, incoming) : say(response, 'well'));
}
const status =
  (code: number, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end();

describe('a source that fails', () => {
  it.each([
    ['answers 500', status(500)],
    ['answers 503', status(503, { 'retry-after': '0' })],
    ['answers 429 and asks to come later', status(429, { 'retry-after': '0' })],
    [
      'resets the connection',
      (_response: ServerResponse, incoming: IncomingMessage) => incoming.socket.resetAndDestroy(),
    ],
    [
      'breaks off in the middle',
      (response: ServerResponse, incoming: IncomingMessage) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{', () => incoming.socket.destroy());
      },
    ],
  ])('and %s is asked again, and the record tells', async (_what, fail) => {
    await using connector = open({ retry: { attempts: 3 } });
    answer = failing(2, fail);
    expect((await get(connector)).data).toBe('well');
    expect(upstream.requests).toHaveLength(3);
    expect(records).toMatchObject([{ outcome: 'ok', attempts: 3 }]);
  });

  it.each([
    ['answers 500', status(500), 'UPSTREAM_FAILED'],
    [
      'resets the connection',
      (_response: ServerResponse, incoming: IncomingMessage) => incoming.socket.resetAndDestroy(),
      'UPSTREAM_UNREACHABLE',
    ],
  ])('and %s gets no mutation twice, unless its policy says that it may', async (_what, fail, code) => {
    answer = failing(1, fail);
    await using strict = open({ retry: { attempts: 3 } });
    expect((await failureOf(set(strict))).code).toBe(code);
    expect(upstream.requests).toHaveLength(1);
    upstream.requests.length = 0;
    await using lenient = open({
      retry: { attempts: 3 },
      operations: { set: { idempotent: true }, get: { idempotent: false } },
    });
    expect((await set(lenient)).data).toBe('well');
    upstream.requests.length = 0;
    expect((await failureOf(get(lenient))).code).toBe(code);
  });

  it('is not asked again before it wants to be', async () => {
    await using connector = open({ retry: { attempts: 3 } });
    answer = status(429, { 'retry-after': '3600' });
    const fault = await failureOf(get(connector));
    expect(fault).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', headers: { 'Retry-After': '3600' } });
    expect(upstream.requests).toHaveLength(1);
  });

  it('with a storm of 500 is asked once more by a few only, and then given a rest', async () => {
    const breakers = createBreakers();
    const policy = {
      retry: { budgetPercent: 10, budgetBurst: 5, attempts: 5, baseMs: 1 },
      breaker: { minimumCalls: 20, openMs: 60_000 },
    };
    await using connector = open(policy, { breakers });
    answer = status(500);
    const codes: string[] = [];
    for (let n = 0; n < 40; n += 1)
      codes.push((await failureOf(connector.call(callOf('get', { id: String(n) })))).code);
    expect(codes.filter((code) => code === 'UPSTREAM_FAILED')).toHaveLength(20);
    expect(codes.filter((code) => code === 'CIRCUIT_OPEN')).toHaveLength(20);
    expect(upstream.requests.length).toBeLessThanOrEqual(20 * 1.1 + 5);
    expect(breakers.list().filter(({ state }) => state !== 'closed')).toMatchObject([
      { source: 'shop', operation: 'get', state: 'open' },
    ]);
    answer = (response) => say(response, 'well');
    expect((await connector.call(callOf('other'))).data).toBe('well');
  });
});

describe('a source that hangs', () => {
  it('costs its own time and no more calls than it may have', async () => {
    await using connector = open({ deadlineMs: 600, concurrency: { maxCalls: 1, maxQueue: 1, maxQueueMs: 10 } });
    answer = () => undefined;
    const calls = ['1', '2', '3'].map((id) => failureOf(connector.call(callOf('get', { id }))));
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual([
      'UPSTREAM_TIMEOUT',
      'SOURCE_UNAVAILABLE',
      'SOURCE_UNAVAILABLE',
    ]);
    expect(upstream.requests).toHaveLength(1);
    answer = (response) => say(response, 'well');
    expect((await get(connector)).data).toBe('well');
  });

  it('gives way to what it answered before', async () => {
    await using connector = open({
      deadlineMs: 200,
      operations: { get: { cache: { maxAgeMs: 1, staleIfErrorMs: 60_000 } } },
    });
    await get(connector);
    answer = () => undefined;
    await until(async () => {
      await get(connector);
      return records.at(-1)?.cache === 'stale-if-error';
    });
    expect(records.at(-1)).toMatchObject({ outcome: 'ok', bytes: 0 });
    // It was asked all the same.
    expect(records.at(-2)).toMatchObject({ outcome: 'DEADLINE_EXCEEDED', keys: 0 });
    expect(records.at(-2)).not.toHaveProperty('cache');
    expect((await get(connector)).data).toBe(1);
  });
});

describe('several endpoints', () => {
  it('share the calls, and one that fails is made up for by another and left out', async () => {
    await using connector = open(
      { retry: { attempts: 2, budgetBurst: 100, baseMs: 1 }, endpoints: { outlier: { consecutiveFailures: 3 } } },
      { random: Math.random },
      [upstream.url, second.url],
    );
    answer = (_response, incoming) => incoming.socket.resetAndDestroy();
    for (let n = 0; n < 40; n += 1)
      expect((await connector.call(callOf('get', { id: String(n) }))).data).toBe('second');
    expect(upstream.requests).toHaveLength(3);
  });

  it('of which one hangs: it gets a part of the time, and another one answers', async () => {
    await using connector = open(
      { deadlineMs: 3000, retry: { attempts: 3 }, endpoints: { outlier: { consecutiveFailures: 1 } } },
      { random: () => 0 },
      [upstream.url, second.url],
    );
    let isCancelled = false;
    answer = (_response, incoming) =>
      void incoming.socket.once('close', () => {
        isCancelled = true;
      });
    expect((await get(connector)).data).toBe('second');
    await until(() => isCancelled);
    expect(records).toMatchObject([{ outcome: 'ok', attempts: 2 }]);
    const told = [upstream, second].map(({ requests: [request] }) => Number(request?.headers['x-request-timeout-ms']));
    for (const ms of told) expect(ms).toBeLessThanOrEqual(1000);
    // That it hung counts like any other failure.
    expect((await get(connector)).data).toBe('second');
    expect(upstream.requests).toHaveLength(1);
  });

  it('are asked whether they are well', async () => {
    await using connector = open(
      {
        endpoints: {
          health: { path: '/health', intervalMs: 100, failures: 1 },
          outlier: { consecutiveFailures: 1000 },
        },
      },
      { random: () => 0 },
      [upstream.url, second.url],
    );
    answer = status(500);
    await until(() => upstream.requests.length >= 2);
    expect(upstream.requests[0]).toMatchObject({ method: 'GET', url: '/health' });
    for (let n = 0; n < 5; n += 1) expect((await connector.call(callOf('get', { id: String(n) }))).data).toBe('second');
  });

  it('of which one takes unusually long are both asked, and the faster one counts', async () => {
    await using connector = open({ hedge: { minimumCalls: 1, minimumMs: 20 }, coalesce: false }, { random: () => 0 }, [
      upstream.url,
      second.url,
    ]);
    answer = (response) => say(response, 'first');
    expect((await get(connector)).data).toBe('first');
    let isClosed = false;
    answer = (_response, incoming) =>
      void incoming.socket.once('close', () => {
        isClosed = true;
      });
    expect((await get(connector)).data).toBe('second');
    await until(() => isClosed);
    expect(records.at(-1)).toMatchObject({ outcome: 'ok', attempts: 2 });
  });
});

it('nothing is sent for a call that cannot be sent', async () => {
  await using connector = open({ retry: {}, breaker: {}, concurrency: {}, hedge: {} });
  expect((await failureOf(connector.call(callOf('get', { id: '..' })))).code).toBe('BAD_REQUEST');
  expect((await failureOf(connector.call(callOf('nothing')))).code).toBe('INTERNAL');
  expect(upstream.requests).toHaveLength(0);
});
