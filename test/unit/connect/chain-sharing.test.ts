/** The rules as a policy asks for them, around real connections to an upstream whose answers are shared and kept. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTraceRule } from '../../../gateway/connect/chain/trace.ts';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
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
let answer: (response: ServerResponse, incoming: IncomingMessage) => void;
const records: CallRecord[] = [];
const trace = createTraceRule({ now: Date.now, record: (record) => records.push(record) });

function open(policy: unknown = {}): Connector {
  return openConnector('rest', optionsOf({ sdl: SDL, endpoints: [upstream.url], policy, forward: ['authorization'] }), [
    trace,
  ]);
}

const get = (connector: Connector, rest: Parameters<typeof callOf>[2] = {}) =>
  connector.call(callOf('get', { id: '1' }, rest));
const set = (connector: Connector) => connector.call(callOf('set', { id: '1' }, { idempotent: false }));

beforeAll(async () => {
  upstream = await startUpstream((_request, response, incoming) => answer(response, incoming));
});
afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
});
beforeEach(() => {
  for (const list of [upstream.requests, records]) list.length = 0;
  answer = (response) => say(response, upstream.requests.length);
});

describe('equal reads under way', () => {
  it('are one call, which ends when the last of those who wait has gone', async () => {
    await using connector = open();
    let closed = 0;
    answer = (_response, incoming) =>
      void incoming.socket.once('close', () => {
        closed += 1;
      });
    const leavers = [0, 1, 2].map(() => new AbortController());
    const calls = leavers.map(({ signal }, n) => failureOf(get(connector, { signal, requestId: `r${n}` })));
    const stranger = new AbortController();
    const alone = failureOf(get(connector, { signal: stranger.signal, headers: { authorization: 'other' } }));
    await until(() => upstream.requests.length === 2);
    leavers[0]?.abort();
    leavers[1]?.abort();
    expect((await Promise.all(calls.slice(0, 2))).map(({ code }) => code)).toEqual(['CLIENT_CLOSED', 'CLIENT_CLOSED']);
    expect(closed).toBe(0);
    leavers[2]?.abort();
    await calls[2];
    await until(() => closed === 1);
    stranger.abort();
    await alone;
    await until(() => closed === 2);
    expect(upstream.requests).toHaveLength(2);
    expect(records.map(({ coalesced }) => coalesced ?? false)).toEqual([false, true, true, false]);
  });

  it('are two calls where the policy says so, and mutations always are', async () => {
    await using connector = open({ coalesce: false });
    await Promise.all([get(connector), get(connector)]);
    expect(upstream.requests).toHaveLength(2);
    await using shared = open();
    await Promise.all([set(shared), set(shared)]);
    expect(upstream.requests).toHaveLength(4);
  });
});

describe('an answer that may be kept', () => {
  it('is given again, asked after by its tag, and forgotten when it is changed', async () => {
    await using connector = open();
    answer = (response, incoming) => {
      const isSame = incoming.headers['if-none-match'] === '"1"';
      response.writeHead(isSame ? 304 : 200, {
        'cache-control': 'max-age=0',
        etag: '"1"',
        'content-type': 'application/json',
      });
      response.end(isSame ? undefined : '{"n":9007199254740993}');
    };
    expect((await get(connector)).data).toEqual({ n: '9007199254740993' });
    expect((await get(connector)).data).toEqual({ n: '9007199254740993' });
    expect(records.map(({ cache }) => cache)).toEqual(['miss', 'revalidated']);
    answer = (response) => {
      response.setHeader('cache-control', 'max-age=60');
      say(response, upstream.requests.length);
    };
    await get(connector, { headers: { authorization: 'a' } });
    for (let n = 0; n < 2; n += 1) await get(connector, { headers: { authorization: 'a' } });
    expect(upstream.requests).toHaveLength(5);
    await connector.call(callOf('other'));
    await connector.call(callOf('other'));
    expect(upstream.requests).toHaveLength(6);
    expect(records.at(-1)).toMatchObject({ cache: 'hit', bytes: 0 });
  });

  it('of a URL that a mutation changed is asked for again', async () => {
    await using connector = open();
    answer = (response) => {
      response.setHeader('cache-control', 'max-age=60');
      say(response, upstream.requests.length);
    };
    expect([(await get(connector)).data, (await get(connector)).data]).toEqual([1, 1]);
    await set(connector);
    expect((await get(connector)).data).toBe(3);
  });

  it('is not, where the policy says so', async () => {
    await using connector = open({ cache: { respectHeaders: false } });
    answer = (response) => {
      response.setHeader('cache-control', 'max-age=60');
      say(response, upstream.requests.length);
    };
    expect([(await get(connector)).data, (await get(connector)).data]).toEqual([1, 2]);
  });
});
