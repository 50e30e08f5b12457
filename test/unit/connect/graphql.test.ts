import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallRule, Connector } from '../../../gateway/connect/connector.ts';
import { errorsOf, placeErrors } from '../../../gateway/connect/graphql/place.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import type { CallNotes } from '../../../gateway/context.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import {
  callOf,
  failureOf,
  optionsOf,
  publicText,
  type Received,
  sendJson,
  startUpstream,
  type Upstream,
} from './kit.ts';

const SDL = /* GraphQL */ `
  enum ShopSort @source(subgraph: "shop", name: "Sort") @source(subgraph: "other", name: "OtherSort") { UP DOWN }
  input ShopFilter @source(subgraph: "shop", name: "Filter") {
    minPrice: Int @resolveRootField(subgraph: "shop", field: "min_price")
    and: [ShopFilter!]
  }
  type Query {
    shopUser(filter: ShopFilter!, sorts: [ShopSort!], userId: ID @resolveRootField(subgraph: "shop", field: "id")): JSON
      @graphqlField(subgraph: "shop", name: "user", type: "User")
    now: String @graphqlField(subgraph: "shop", name: "now", type: "String")
  }
  type Mutation { touch(id: ID!): JSON @graphqlField(subgraph: "shop", name: "touch", type: "User") }
`;

let upstream: Upstream;
let connector: Connector;
/** What the rules told of the last call. */
let notes: CallNotes = {};
const peek: CallRule = (next) => (call) => {
  notes = call.notes ?? {};
  return next(call);
};
let answer: Parameters<typeof startUpstream>[0];

beforeAll(async () => {
  upstream = await startUpstream((...exchange) => answer(...exchange));
  connector = openConnector('graphql', optionsOf({ sdl: SDL, endpoints: [`${upstream.url}/graphql`] }), [peek]);
});

afterAll(async () => {
  await connector[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  upstream.requests.length = 0;
  answer = (_request, response) => sendJson(response, { data: { now: 'today', user: null, touch: null } });
});

function bodyOf(request: Received | undefined): unknown {
  return JSON.parse(request?.body ?? 'null');
}

describe('a request', () => {
  it('has every variable, whatever the client calls it', async () => {
    const variables = new Map(['__proto__', 'constructor'].map((name) => [name, { type: 'Int', value: 7 }]));
    await connector.call(callOf('now', {}, { selection: { text: '', variables } }));
    expect(upstream.requests[0]?.body).toBe(
      '{"query":"query ($__proto__: Int, $constructor: Int) { now  }","variables":{"__proto__":7,"constructor":7}}',
    );
  });

  it('asks for the field by its own name, with types, arguments and fields as the upstream writes them', async () => {
    const selection = {
      text: '{ id posts(first: $first) { title } }',
      variables: new Map([
        ['first', { type: 'Int', value: 2 }],
        ['id', { type: 'ID!', value: 'of the client' }],
      ]),
    };
    const args = { filter: { minPrice: 5, and: [{ minPrice: 1 }] }, sorts: ['UP'], userId: 'u1' };
    await connector.call(callOf('shopUser', args, { selection }));
    expect(upstream.requests).toMatchObject([
      { method: 'POST', url: '/graphql', headers: { 'content-type': 'application/json' } },
    ]);
    expect(bodyOf(upstream.requests[0])).toEqual({
      query:
        'query ($first: Int, $id: ID!, $filter: Filter!, $sorts: [Sort!], $_id: ID) { user(filter: $filter, sorts: $sorts, id: $_id) { id posts(first: $first) { title } } }',
      variables: {
        first: 2,
        id: 'of the client',
        filter: { min_price: 5, and: [{ min_price: 1 }] },
        sorts: ['UP'],
        _id: 'u1',
      },
    });
  });

  it('leaves out arguments that were not given and keeps null; leaves and mutations work alike', async () => {
    await connector.call(callOf('shopUser', { filter: {}, sorts: null, userId: undefined }));
    await connector.call(callOf('now'));
    await connector.call(callOf('touch', { id: '1' }, { selection: { text: '{ id }', variables: new Map() } }));
    expect(upstream.requests.map((request) => (bodyOf(request) as { query: string }).query)).toEqual([
      'query ($filter: Filter!, $sorts: [Sort!]) { user(filter: $filter, sorts: $sorts)  }',
      'query { now  }',
      'mutation ($id: ID!) { touch(id: $id) { id } }',
    ]);
  });
});

describe('an answer', () => {
  it('is the value of the field, 64-bit integers exact', async () => {
    answer = (_request, response) => sendJson(response, '{"data":{"user":{"big":9007199254740993}}}');
    const { data, status, bytes } = await connector.call(callOf('shopUser', { filter: {} }));
    expect({ data, status, bytes }).toEqual({ data: { big: '9007199254740993' }, status: 200, bytes: 42 });
  });

  it('holds each field error where it belongs, also where null has moved up', async () => {
    answer = (_request, response) =>
      sendJson(response, {
        data: { user: { name: null, posts: [{ title: 'a' }, null], friend: null, kept: 'here' } },
        errors: [
          { message: 'name is secret-1', path: ['user', 'name'] },
          { message: 'title is secret-2', path: ['user', 'posts', 1, 'title', 'deep'] },
          { message: 'friend is secret-3', path: ['user', 'friend'] },
          { message: 'again', path: ['user', 'friend', 'name'] },
          { message: 'not there', path: ['user', 'nowhere', 'x'] },
          { message: 'value came all the same', path: ['user', 'kept'] },
          { message: 'of another field', path: ['other'] },
          { message: 'without a path' },
        ],
      });
    const { data } = await connector.call(callOf('shopUser', { filter: {} }));
    const user = data as { name: unknown; posts: unknown[]; friend: unknown; kept: unknown };
    expect(user).toMatchObject({ posts: [{ title: 'a' }, expect.any(GatewayError)], kept: 'here' });
    for (const error of [user.name, user.posts[1], user.friend]) {
      if (!(error instanceof GatewayError)) throw new Error('no error stands there');
      expect(error).toMatchObject({ code: 'UPSTREAM_FAILED', source: 'shop' });
      expect(publicText(error)).not.toMatch(/secret|127\.0\.0\.1/);
      expect(JSON.stringify((error.cause as Error).cause)).toMatch(/secret-\d/);
    }
  });

  it.each([
    ['without a path', {}],
    ['of another field', { path: ['other', 'name'] }],
    ['with a path that leads nowhere', { path: ['user', 'posts', 7, 'title'] }],
    ['with a path that is none', { path: 'user' }],
  ])('with an error %s has it at every null that has no error of its own', async (_, place) => {
    answer = (_request, response) =>
      sendJson(response, {
        data: { user: { name: null, posts: [{ title: null }, { title: 'b' }, null], friend: null, kept: 'here' } },
        errors: [
          { message: 'secret-1', path: ['user', 'friend'] },
          { message: 'secret-2', ...place },
        ],
      });
    const { data } = await connector.call(callOf('shopUser', { filter: {} }));
    const fault = expect.any(GatewayError);
    expect(data).toEqual({
      name: fault,
      posts: [{ title: fault }, { title: 'b' }, fault],
      friend: fault,
      kept: 'here',
    });
    const told = Object.values(data as object).filter((each) => each instanceof GatewayError);
    expect(told.map(({ cause }) => JSON.stringify((cause as Error).cause))).toEqual([
      expect.stringContaining('secret-2'),
      expect.stringContaining('secret-1'),
    ]);
    expect(notes).toMatchObject({ unplacedErrors: 1, warning: { cause: { message: 'secret-2' } } });
  });

  it.each([
    [200, true],
    [500, false],
  ])('of status %i whose field failed says that the source is well: %s', async (status, isAnswer) => {
    answer = (_request, response) =>
      sendJson(response, { data: { user: null }, errors: [{ message: 'no such user', path: ['user'] }] }, status);
    const error = await failureOf(connector.call(callOf('shopUser', { filter: {} })));
    expect(error).toMatchObject({ code: 'UPSTREAM_FAILED', isAnswer });
  });

  it('with an error where a value stands keeps its values and its nulls, and the log is told', async () => {
    answer = (_request, response) =>
      sendJson(response, {
        data: { user: { name: 'a', friend: null } },
        errors: [{ message: 'deprecated', path: ['user', 'name'] }],
      });
    expect((await connector.call(callOf('shopUser', { filter: {} }))).data).toEqual({
      name: 'a',
      friend: null,
    });
    expect(notes.unplacedErrors).toBe(1);
  });

  it('with an error without a place and very many nulls has an error at each, of which the last are one', async () => {
    const friends = Array.from({ length: 1500 }, () => null);
    answer = (_request, response) => sendJson(response, { data: { user: { friends } }, errors: [{ message: 'x' }] });
    const { data } = await connector.call(callOf('shopUser', { filter: {} }));
    const marked = (data as { friends: unknown[] }).friends.filter((each) => each instanceof GatewayError);
    expect([marked.length, new Set(marked).size]).toEqual([1500, 1001]);
  });

  it.each([1500, 100_001])('with %d errors, each at a place of its own, has all of them', (count) => {
    const friends: unknown[] = Array.from({ length: count }, () => null);
    const errors = errorsOf(friends.map((_, index) => ({ path: ['user', 'friends', index] })));
    placeErrors({ friends }, 'user', errors, () => new GatewayError('UPSTREAM_FAILED'));
    expect(friends.filter((each) => each instanceof GatewayError)).toHaveLength(count);
  });

  it.each<[number, unknown, string]>([
    [200, { data: null, errors: [{ message: 'all of it' }] }, 'UPSTREAM_FAILED'],
    [200, { data: { user: null }, errors: [{ message: 'gone', path: ['user'] }] }, 'UPSTREAM_FAILED'],
    [200, { data: { user: null }, errors: [{ message: 'gone', path: ['user', 'id'] }] }, 'UPSTREAM_FAILED'],
    [200, { errors: [{ message: 'does not validate' }] }, 'UPSTREAM_FAILED'],
    [200, { data: {} }, 'UPSTREAM_BAD_PAYLOAD'],
    [200, { data: null }, 'UPSTREAM_BAD_PAYLOAD'],
    [200, '[1]', 'UPSTREAM_BAD_PAYLOAD'],
    [200, '<html>', 'UPSTREAM_BAD_PAYLOAD'],
    [400, { errors: [{ message: 'bad' }] }, 'UPSTREAM_REJECTED'],
    [401, '<html>', 'UPSTREAM_REJECTED'],
    [429, '', 'UPSTREAM_RATE_LIMITED'],
    [502, '<html>', 'UPSTREAM_FAILED'],
  ])('of status %s that is %j is an error: %s', async (status, body, code) => {
    answer = (_request, response) => sendJson(response, body, status);
    expect((await failureOf(connector.call(callOf('shopUser', { filter: {} })))).code).toBe(code);
  });

  it('is null without errors, and counts whatever its status when it is a GraphQL response', async () => {
    expect((await connector.call(callOf('shopUser', { filter: {} }))).data).toBeNull();
    answer = (_request, response) => sendJson(response, { data: { now: 'today' }, errors: [{ message: 'x' }] }, 500);
    expect(await connector.call(callOf('now'))).toMatchObject({ data: 'today', status: 500 });
  });
});
