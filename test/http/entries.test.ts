/** The short way in and the long one: which requests take which, and that answers are the same to the byte. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KitApp } from '../kit/app.ts';
import { startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';
import { asJson, type RawRequest, sendRaw } from '../kit/raw.ts';

const SDL = `
directive @cacheControl(maxAge: Int, scope: CacheControlScope, staleWhileRevalidate: Int, staleIfError: Int) on FIELD_DEFINITION
enum CacheControlScope { PUBLIC PRIVATE }
type Query { word: String! kept: String @cacheControl(maxAge: 60) echo(text: String): String fails: String must: String! number(of: Int!): Int }
type Mutation { write: String }
type Subscription { ticks: Int }
`;

const SETTINGS = {
  cors: { origins: ['https://page.example'], credentials: true },
  cost: { headers: true, principals: ['anonymous'] },
  identity: { apiKeys: { keys: [{ id: 'shop', secrets: [{ hash: `sha256/${'0'.repeat(64)}` }] }] } },
  operationLimits: { depth: 5 },
  persistedOperations: { apq: 'allow' },
  rateLimits: [{ name: 'all', by: [], cost: 'requests', points: 10_000 }],
};

function start(shortEntry: boolean): KitApp {
  const schema = makeSchema(SDL, {
    Query: {
      word: () => 'Grüße',
      kept: () => 'once',
      echo: (_, { text }) => text,
      fails: () => {
        throw new Error('hunter2');
      },
      must: () => null,
      number: (_, { of }) => of,
    },
    Mutation: { write: () => 'written' },
  });
  return startApp(
    makeSupply(makeGeneration('g1', schema)),
    { ...SETTINGS, execution: { shortEntry, compileAfter: 0 } },
    () => 1_700_000_000_000,
  );
}

let short: { app: KitApp; url: string };
let long: { app: KitApp; url: string };

beforeAll(async () => {
  const open = async (app: KitApp) => ({ app, url: (await app.listen()).url });
  [short, long] = await Promise.all([open(start(true)), open(start(false))]);
});
afterAll(async () => {
  await short.app[Symbol.asyncDispose]();
  await long.app[Symbol.asyncDispose]();
});

async function entries({ metrics }: KitApp): Promise<Record<string, number>> {
  const { values } = await metrics.entries.get();
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels['entry']), value]));
}

/** Both answers, and the way that the request took where both are open. */
async function sendBoth(request: RawRequest) {
  const before = await entries(short.app);
  const own = await sendRaw(short.url, request);
  const after = await entries(short.app);
  const other = await sendRaw(long.url, request);
  const took = ['short', 'long'].filter((entry) => (after[entry] ?? 0) > (before[entry] ?? 0));
  return { own, other, took: took.join() };
}

const get = (query: string, headers: Record<string, string> = {}): RawRequest => ({
  method: 'GET',
  path: `/graphql?query=${encodeURIComponent(query)}`,
  headers: { accept: 'application/json', 'apollo-require-preflight': '1', ...headers },
});

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const named = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: hashOf(text) } });

const SHORT: readonly (readonly [string, RawRequest, number])[] = [
  ['a word', asJson({ query: '{ word }' }), 200],
  [
    'a word, for who takes graphql-response',
    asJson({ query: '{ word }' }, { accept: 'application/graphql-response+json' }),
    200,
  ],
  [
    'a word, for who takes several',
    asJson({ query: '{ word }' }, { accept: 'application/json, text/plain, */*' }),
    200,
  ],
  ['an id of the client', asJson({ query: '{ word }' }, { 'x-request-id': 'mine' }), 200],
  [
    'variables and a name',
    asJson({
      query: 'query A($t: String) { echo(text: $t) } query B { word }',
      operationName: 'A',
      variables: { t: '"\u2028' },
    }),
    200,
  ],
  ['nulls', asJson({ query: '{ word }', operationName: null, variables: null }), 200],
  ['the same again', asJson({ query: '{ kept }' }), 200],
  ['what is kept', asJson({ query: '{ kept }' }), 200],
  ['a mutation', asJson({ query: 'mutation { write }' }), 200],
  ['introspection', asJson({ query: '{ __schema { queryType { name } } }' }), 200],
  ['a failing field', asJson({ query: '{ word fails }' }), 200],
  ['a null that must not be', asJson({ query: '{ must }' }), 200],
  ['a syntax error', asJson({ query: '{ word' }), 200],
  [
    'a syntax error, for who takes graphql-response',
    asJson({ query: '{ word' }, { accept: 'application/graphql-response+json' }),
    400,
  ],
  ['an invalid document', asJson({ query: '{ nothing }' }), 200],
  [
    'an invalid document, for who takes graphql-response',
    asJson({ query: '{ nothing }' }, { accept: 'application/graphql-response+json' }),
    400,
  ],
  [
    'a variable of the wrong type',
    asJson({ query: 'query ($n: Int!) { number(of: $n) }', variables: { n: 'x' } }),
    200,
  ],
  ['no such operation', asJson({ query: 'query A { word } query B { word }', operationName: 'C' }), 200],
  [
    'too deep a document',
    asJson({ query: '{ __schema { types { fields { type { ofType { ofType { name } } } } } } }' }),
    200,
  ],
  ['a bad key', asJson({ query: '{ word }' }, { 'x-api-key': 'nobody' }), 401],
  ['a page that may read', asJson({ query: '{ word }' }, { origin: 'https://page.example' }), 200],
  ['a page that may not', asJson({ query: '{ word }' }, { origin: 'https://other.example' }), 200],
  ['a question about cost', asJson({ query: '{ word }' }, { 'x-tributary-cost': 'true' }), 200],
  ['a text with its hash', asJson({ query: '{ word }', extensions: named('{ word }') }), 200],
  ['a text with the hash of another', asJson({ query: '{ word }', extensions: named('{ kept }') }), 400],
  ['a text with no hash after all', asJson({ query: '{ word }', extensions: null }), 200],
  ['a GET', get('{ word }'), 200],
  ['a GET of what is kept', get('{ kept }'), 200],
  ['a GET of what is known', get('{ kept }', { 'if-none-match': '*' }), 304],
  [
    'a GET with variables',
    {
      ...get('{ word }'),
      path: `/graphql?query=${encodeURIComponent('query ($t: String) { echo(text: $t) }')}&variables=${encodeURIComponent('{"t":"x"}')}`,
    },
    200,
  ],
  ['a GET that would write', get('mutation { write }'), 405],
];

const LONG: readonly (readonly [string, RawRequest, number])[] = [
  ['a list of operations', asJson([{ query: '{ word }' }]), 400],
  ['no JSON', { headers: { 'content-type': 'application/json' }, body: '{' }, 400],
  ['no query', asJson({}), 400],
  ['a query that is no text', asJson({ query: 1 }), 400],
  ['variables that are a list', asJson({ query: '{ word }', variables: [] }), 400],
  ['an unknown parameter', asJson({ query: '{ word }', more: 1 }), 400],
  ['a text and other extensions', asJson({ query: '{ word }', extensions: { ...named('{ word }'), more: 1 } }), 200],
  ['an empty text', asJson({ query: '', extensions: named('') }), 200],
  ['an operation by hash', asJson({ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }), 400],
  ['another content type', { headers: { 'content-type': 'text/plain' }, body: '{}' }, 415],
  ['a compressed body', asJson({ query: '{ word }' }, { 'content-encoding': 'gzip' }), 415],
  ['a body in chunks', asJson({ query: '{ word }' }, { 'transfer-encoding': 'chunked' }), 200],
  ['weights in accept', asJson({ query: '{ word }' }, { accept: 'application/json;q=0.5' }), 200],
  ['a type that is not served', asJson({ query: '{ word }' }, { accept: 'image/png' }), 406],
  ['a subscription', asJson({ query: 'subscription { ticks }' }, { accept: 'application/json' }), 406],
  ['parts', asJson({ query: '{ ... @defer { word } }' }, { accept: 'application/json' }), 200],
  ['another path', { ...asJson({ query: '{ word }' }), path: '/graphql/' }, 200],
  ['an unknown path', { ...asJson({ query: '{ word }' }), path: '/other' }, 404],
  [
    'a GET that a page could send',
    { method: 'GET', path: '/graphql?query=%7Bword%7D', headers: { accept: 'text/html,application/json;q=0.9' } },
    200,
  ],
  [
    'a preflight',
    { method: 'OPTIONS', headers: { origin: 'https://page.example', 'access-control-request-method': 'POST' } },
    204,
  ],
  ['a large body', asJson({ query: `{ word } #${'x'.repeat(70_000)}` }), 200],
];

describe('a request', () => {
  it.each(SHORT)(
    'of the plain form takes the short way and is answered as by the long one: %s',
    async (_, request, status) => {
      const { own, other, took } = await sendBoth(request);
      expect(own).toEqual(other);
      expect([took, own.status]).toEqual(['short', status]);
    },
  );

  it.each(LONG)('of any other form takes the long way: %s', async (_, request, status) => {
    const { own, other, took } = await sendBoth(request);
    expect(own).toEqual(other);
    expect([took, own.status]).toEqual(['long', status]);
  });

  it('that names its operation by hash takes the short way once it is known what the hash stands for', async () => {
    const query = '{ word kept echo(text: "by hash") }';
    const byHash = asJson({ extensions: named(query) });
    const asked = [byHash, asJson({ query, extensions: named(query) }), byHash, byHash, getByHash(query)];
    const seen = [];
    for (const request of asked) {
      const { own, other, took } = await sendBoth(request);
      expect(own).toEqual(other);
      seen.push([took, own.body.includes('by hash')]);
    }
    expect(seen).toEqual([
      ['long', false],
      ['short', true],
      ['short', true],
      ['short', true],
      ['short', true],
    ]);
  });

  it.each(['{ ... @defer { word } }', 'subscription { ticks }'])(
    'by the hash of what is no plain operation takes the long way: %s',
    async (query) => {
      const byHash = asJson({ extensions: named(query) }, { accept: 'application/json' });
      for (const request of [asJson({ query, extensions: named(query) }), byHash, byHash]) {
        const { own, other, took } = await sendBoth(request);
        expect(own).toEqual(other);
        expect(took).toBe('long');
      }
    },
  );
});

function getByHash(text: string): RawRequest {
  return { ...get(''), path: `/graphql?extensions=${encodeURIComponent(JSON.stringify(named(text)))}` };
}
