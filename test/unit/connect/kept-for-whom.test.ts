/** What was kept for one is never given to another, also when the policy or the contract has changed in between. */
import { afterEach, expect, it } from 'vitest';
import { createMemoryStore } from '../../../gateway/connect/cache/memory-store.ts';
import type { CacheStore } from '../../../gateway/connect/cache/store.ts';
import type { CallBulk, Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { connectorOptions, type GrpcUpstream, importProto, startGrpcUpstream } from './grpc-kit.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf, optionsOf, sendJson, startUpstream } from './kit.ts';

const SDL = /* GraphQL */ `
  type Query {
    get(ids: [String!]): JSON @httpOperation(subgraph: "shop", path: "/t", httpMethod: "GET", accept: "application/json",
      security: [[{ scheme: "q", scopes: [] }], [{ scheme: "o", scopes: ["a"] }]],
      params: [{ arg: "ids", name: "ids", in: "query", style: "form", explode: true }])
  }
`;
const KEPT = { operations: { get: { cache: { maxAgeMs: 60_000 } } }, coalesce: false };
const SECURITY = {
  schemes: [
    { name: 'q', type: 'apiKey', in: 'query', parameter: 'key', tokenUrl: undefined, said: undefined },
    { name: 'o', type: 'oauth2', in: '', parameter: '', tokenUrl: undefined, said: undefined },
  ],
  requirements: [],
};

const close: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of close.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function startSource() {
  const upstream = await startUpstream(({ method, body }, response) =>
    sendJson(
      response,
      method === 'POST' ? { access_token: `of ${body}`.replaceAll(/\W/g, '-'), token_type: 'Bearer' } : [],
    ),
  );
  close.push(upstream);
  const gets = (): number => upstream.requests.filter(({ method }) => method === 'GET').length;
  return { upstream, gets };
}

function track<T extends AsyncDisposable>(each: T): T {
  close.push(each);
  return each;
}

const bulk: CallBulk = {
  keys: ['a'],
  shape: 'rows',
  argsFor: (keys) => ({ ids: keys }),
  rowsOf: (_data, keys) => ({ rows: new Map(keys.map((key) => [key, []])), unrequested: 0 }),
};
const ask = {
  'whole answers': (connector: Connector) =>
    connector.call(callOf('get', {}, { headers: { authorization: 'Bearer of-client' } })),
  'rows by key': (connector: Connector) =>
    connector.call(callOf('get', { ids: ['a'] }, { bulk, headers: { authorization: 'Bearer of-client' } })),
};

const apiKey = (place: string, value: string) => ({ apiKey: { in: place, name: 'key', value } });
const oauth = (rest: object) => (tokenUrl: string) => ({
  oauth2ClientCredentials: { tokenUrl, clientId: 'me', clientSecret: 'secret-one', ...rest },
});
const exchange = (rest: object) => (tokenUrl: string) => ({
  tokenExchange: { tokenUrl, clientId: 'me', clientSecret: 'secret-one', ...rest },
});
const contract = (rest: object) => (tokenUrl: string) => ({
  fromContract: { o: { tokenUrl, clientId: 'me', clientSecret: 'secret-one', ...rest } },
});
type Auth = object | ((tokenUrl: string) => object);

const changes: [string, Auth, Auth][] = [
  ['key in the query', apiKey('query', 'secret-one'), apiKey('query', 'secret-two')],
  ['key in a header', apiKey('header', 'secret-one'), apiKey('header', 'secret-two')],
  ['key in a cookie', apiKey('cookie', 'secret-one'), apiKey('cookie', 'secret-two')],
  ['key that moves', apiKey('header', 'secret-one'), apiKey('query', 'secret-one')],
  ['key in a header of requests', ...two((value) => ({ apiKey: { in: 'header', name: 'X-Correlation-Id', value } }))],
  ['password', ...two((password) => ({ basic: { username: 'me', password } }))],
  ['token', ...two((token) => ({ bearer: { token } }))],
  ['secret of a client', oauth({}), oauth({ clientSecret: 'secret-two' })],
  ['scope of a client', oauth({ scopes: ['read'] }), oauth({ scopes: ['all'] })],
  ['audience of a client', oauth({ audience: 'a' }), oauth({ audience: 'b' })],
  ['secret of an exchange', exchange({}), exchange({ clientSecret: 'secret-two' })],
  ['scope of an exchange', exchange({ scopes: ['read'] }), exchange({ scopes: ['all'] })],
  ['audience of an exchange', exchange({ audience: 'a' }), exchange({ audience: 'b' })],
  ['key of the contract', ...two((q) => ({ fromContract: { q } }))],
  ['secret of a client of the contract', contract({}), contract({ clientSecret: 'secret-two' })],
  ['scope of a client of the contract', contract({ scopes: ['read'] }), contract({ scopes: ['all'] })],
];

function two(make: (secret: string) => object): [object, object] {
  return [make('secret-one'), make('secret-two')];
}

it.each(
  changes.flatMap(([what, first, second]) =>
    (['whole answers', 'rows by key'] as const).map((kind) => [kind, what, first, second] as const),
  ),
)('%s are asked for anew after another %s, and once for the same', async (kind, _what, first, second) => {
  const { upstream, gets } = await startSource();
  const store = createMemoryStore({ now: Date.now });
  const open = (auth: Auth): Connector => {
    const written = typeof auth === 'function' ? auth(`${upstream.url}/token`) : auth;
    const policy = { ...KEPT, auth: written };
    const from = { sdl: SDL, endpoints: [upstream.url], security: SECURITY, policy };
    return track(openConnector('rest', optionsOf(from), [], { store }));
  };
  const [one, same, other] = [open(first), open(first), open(second)];
  await ask[kind](one);
  await ask[kind](same);
  expect(gets()).toBe(1);
  await ask[kind](other);
  await ask[kind](same);
  expect(gets()).toBe(2);
  const key = one.keyOf?.(callOf('get'));
  expect(key).toBeDefined();
  expect(JSON.stringify([key?.text, key?.http?.url, [...(key?.http?.headers ?? [])]])).not.toMatch(/secret-|of-grant/);
});

it('another certificate of the gateway, or another query of the endpoint, makes another key', async () => {
  const { upstream } = await startSource();
  const keyOf = (endpoint: string, cert?: string): string | undefined => {
    const base = optionsOf({ sdl: SDL, endpoints: [endpoint] });
    const policy = cert === undefined ? base.policy : { ...base.policy, tlsMaterial: { cert } };
    return track(openConnector('rest', { ...base, policy })).keyOf?.(callOf('get'))?.text;
  };
  const secure = upstream.url.replace('http:', 'https:');
  const keys = [keyOf(upstream.url), keyOf(`${upstream.url}?key=secret-1`), keyOf(`${upstream.url}?key=secret-2`)];
  const shown = [keyOf(secure), keyOf(secure, 'certificate-1'), keyOf(secure, 'certificate-2')];
  expect(new Set([...keys, ...shown]).size).toBe(6);
  expect(keys.join()).not.toContain('secret-');
});

it('rows of a gRPC source are asked for anew at another address and after another proto', async () => {
  const store = createMemoryStore({ now: Date.now });
  let calls = 0;
  const serve = async (proto: string): Promise<GrpcUpstream> =>
    track(
      await startGrpcUpstream(proto, 'test.v1.Things', {
        GetThing: () => {
          calls += 1;
          return { thing_id: 't1' };
        },
      }),
    );
  const policy = { operations: { getThing: { cache: { maxAgeMs: 60_000 } } } };
  const open = async (proto: string, { address }: GrpcUpstream, kept: CacheStore = store): Promise<unknown> => {
    const from = proto === PROTO ? await options() : connectorOptions(await importProto(proto));
    const given = {
      ...from,
      policy: { ...from.policy, ...optionsOf({ sdl: 'type Query { a: Int }', policy }).policy },
    };
    const connector = track(openConnector('grpc', { ...given, endpoints: [address] }, [], { store: kept }));
    return (await connector.call(callOf('getThing'))).data;
  };
  const [first, second] = [await serve(PROTO), await serve(PROTO)];
  expect(await open(PROTO, first)).toMatchObject({ thing_id: 't1' });
  expect(await open(PROTO, first)).toMatchObject({ thing_id: 't1' });
  expect(calls).toBe(1);
  await open(PROTO, second);
  expect(calls).toBe(2);
  const renamed = PROTO.replace('string thing_id = 1;', 'string sku = 1;');
  expect(await open(renamed, first)).toMatchObject({ sku: 't1' });
  expect(calls).toBe(3);
});
