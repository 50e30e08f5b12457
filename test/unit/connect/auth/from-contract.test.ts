/** Credentials by what the contract says: how a secret is sent, by which operations, and never anywhere else. */

import { print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../../gateway/config/load.ts';
import { readContractSecurity } from '../../../../gateway/connect/auth/contract-security.ts';
import { openConnector } from '../../../../gateway/connect/open.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import { valueNode } from '../../../../gateway/lib/sdl.ts';
import { faults } from '../../config/parse.ts';
import { callOf, optionsOf, publicText, sendJson, startUpstream } from '../kit.ts';

const SCHEMES = [
  { name: 'key', type: 'apiKey', in: 'header', parameter: 'X-Key' },
  { name: 'query', type: 'apiKey', in: 'query', parameter: 'api_key' },
  { name: 'session', type: 'apiKey', in: 'cookie', parameter: 'sid' },
  { name: 'other', type: 'apiKey', in: 'cookie', parameter: 'oid' },
  { name: 'login', type: 'basic' },
  { name: 'token', type: 'bearer' },
  { name: 'oauth', type: 'oauth2', tokenUrl: '/oauth/token' },
  { name: 'elsewhere', type: 'oauth2', tokenUrl: 'https://evil.example/token' },
  { name: 'nowhere', type: 'oauth2' },
  { name: 'digest', type: 'other', said: 'http digest' },
  { name: 'host', type: 'apiKey', in: 'header', parameter: 'Host' },
  { name: 'split', type: 'apiKey', in: 'header', parameter: 'a\r\nb' },
  { name: 'body', type: 'apiKey', in: 'body', parameter: 'a' },
];
type Requirement = { scheme: string; scopes?: string[] }[];
const want = (...names: string[]): Requirement => names.map((scheme) => ({ scheme }));

type Given = { all: Requirement[]; own?: Requirement[]; endpoints?: string[]; schemes?: unknown };

/** A source of one operation `item`, whose contract asks for `all`, and of `own`, which asks for something itself. */
function open(secrets: unknown, given: Given) {
  const { all, own, endpoints = ['http://127.0.0.1:1/api'], schemes = SCHEMES } = given;
  const operation = (name: string, security: string) =>
    `${name}(c: String): JSON @httpOperation(subgraph: "shop", path: "/${name}?x=1", httpMethod: "GET", accept: "application/json", params: [
      { arg: "c", name: "c", in: "cookie", style: "form", explode: true }]${security})`;
  const sdl = `type Query { ${operation('item', '')} ${own ? operation('own', `, security: ${print(valueNode(own))}`) : ''} }`;
  const security = readContractSecurity({ security: { schemes, requirements: all } });
  const options = optionsOf({ sdl, endpoints, policy: { auth: { fromContract: secrets }, coalesce: false }, security });
  return openConnector('rest', options);
}

/** What the operation sends of all that proves who asks. */
async function sentBy(operation: string, secrets: unknown, given: Given, args = {}) {
  await using upstream = await startUpstream((_request, response) => sendJson(response, {}));
  await using connector = open(secrets, { endpoints: [upstream.url], ...given });
  await connector.call(callOf(operation, args));
  const [request] = upstream.requests;
  const { authorization, cookie, 'x-key': key } = request?.headers ?? {};
  return { url: request?.url, ...(authorization && { authorization }), ...(cookie && { cookie }), ...(key && { key }) };
}

function refusal(secrets: unknown, given: Given): GatewayError {
  try {
    open(secrets, given);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  return expect.unreachable('it was accepted');
}

describe('a secret is sent as the contract says', () => {
  const login = { username: 'me', password: 'pw' };
  it.each([
    ['a key in a header', { key: 'k1' }, [want('key')], { url: '/item?x=1', key: 'k1' }],
    ['a key in the query', { query: 'k&1' }, [want('query')], { url: '/item?x=1&api_key=k%261' }],
    ['a key in a cookie', { session: 's;1=' }, [want('session')], { url: '/item?x=1', cookie: 'sid=s%3B1=' }],
    ['name and password', { login }, [want('login')], { url: '/item?x=1', authorization: 'Basic bWU6cHc=' }],
    ['a token', { token: 't1' }, [want('token')], { url: '/item?x=1', authorization: 'Bearer t1' }],
    [
      'a token of OAuth that somebody got',
      { oauth: 't1' },
      [want('oauth')],
      { url: '/item?x=1', authorization: 'Bearer t1' },
    ],
    [
      'several together',
      { key: 'k1', session: 's1', other: 'o1', login, query: 'q1' },
      [want('key', 'session', 'other', 'login', 'query')],
      { url: '/item?x=1&api_key=q1', key: 'k1', cookie: 'sid=s1; oid=o1', authorization: 'Basic bWU6cHc=' },
    ],
    [
      'the first alternative that there are secrets for',
      { token: 't1', key: 'k1' },
      [want('oauth'), want('key', 'login'), want(), want('key'), want('token')],
      { url: '/item?x=1', key: 'k1' },
    ],
    [
      'no two in one place',
      { token: 't1', login, key: 'k1' },
      [want('token', 'login'), want('key')],
      { url: '/item?x=1', key: 'k1' },
    ],
  ])('%s', async (_what, secrets, all, sent) => {
    expect(await sentBy('item', secrets, { all })).toEqual(sent);
  });

  it('beside cookies of the call, in place of one of its name', async () => {
    const sdl = { all: [want('session')] };
    expect(await sentBy('item', { session: 's1' }, sdl, { c: 'mine' })).toMatchObject({ cookie: 'c=mine; sid=s1' });
    const schemes = [{ name: 'session', type: 'apiKey', in: 'cookie', parameter: 'c' }];
    expect(await sentBy('item', { session: 's1' }, { ...sdl, schemes }, { c: 'mine' })).toMatchObject({
      cookie: 'c=s1',
    });
  });

  it('by the operations that ask for it, and by no others', async () => {
    const given = { all: [want('key')] };
    expect(await sentBy('own', { key: 'k1', query: 'q1' }, { ...given, own: [] })).toEqual({ url: '/own?x=1' });
    expect(await sentBy('own', { key: 'k1', query: 'q1' }, { ...given, own: [want('query')] })).toEqual({
      url: '/own?x=1&api_key=q1',
    });
    expect(await sentBy('item', { key: 'k1', query: 'q1' }, { ...given, own: [want('query')] })).toEqual({
      url: '/item?x=1',
      key: 'k1',
    });
    expect(await sentBy('own', { key: 'k1' }, { ...given, own: [want('login')] })).toEqual({ url: '/own?x=1' });
  });

  it('as a token that the gateway gets itself, at the service’s own address, with all scopes that are asked for', async () => {
    const asked: URLSearchParams[] = [];
    await using upstream = await startUpstream(({ url, body }, response) => {
      if (url === '/oauth/token') asked.push(new URLSearchParams(body));
      sendJson(response, { access_token: 't1', token_type: 'Bearer', expires_in: 100 });
    });
    const client = { clientId: 'me', clientSecret: 'x', clientAuth: 'post' };
    await using connector = open(
      { oauth: client },
      {
        all: [[{ scheme: 'oauth', scopes: ['b', 'a'] }]],
        own: [[{ scheme: 'oauth', scopes: ['c', 'a'] }]],
        endpoints: [`${upstream.url}/api`],
      },
    );
    for (const name of ['item', 'own', 'item']) await connector.call(callOf(name));
    expect(asked.map((form) => Object.fromEntries(form))).toEqual([
      { grant_type: 'client_credentials', scope: 'a b c', client_id: 'me', client_secret: 'x' },
    ]);
    expect(upstream.requests.slice(1).map(({ headers }) => headers['authorization'])).toEqual(
      Array(3).fill('Bearer t1'),
    );
  });

  it('and is part of what calls are told apart by', async () => {
    const key = async (secrets: unknown) => {
      await using connector = open(secrets, { all: [want('key')] });
      return connector.keyOf?.(callOf('item', {}, { deadline: 1 }))?.text;
    };
    expect(await key({ key: 'a' })).toBe(await key({ key: 'a' }));
    expect(await key({ key: 'a' })).not.toBe(await key({ key: 'b' }));
  });
});

describe('the source is degraded, with what to change, by', () => {
  const client = { clientId: 'me', clientSecret: 's3cret' };
  const all = SCHEMES.map(({ name }) => want(name));
  it.each([
    [
      'a scheme that is not there',
      { kye: 's3cret' },
      'kye, which is no security scheme of the contract: it has key, query, session',
    ],
    [
      'text where a login is wanted',
      { login: 's3cret' },
      'auth.fromContract.login: the contract wants username and password',
    ],
    [
      'a login where a key is wanted',
      { key: { username: 'a', password: 's3cret' } },
      'the contract wants a key: give it as text',
    ],
    ['a client where a token is wanted', { token: client }, 'auth.fromContract.token: the contract wants a token.'],
    [
      'a login where a client is wanted',
      { oauth: { username: 'a', password: 's3cret' } },
      'wants a token, or clientId and clientSecret',
    ],
    ['a token that cannot be sent', { token: 's3cret with spaces' }, 'no spaces'],
    ['a scheme that is not known', { digest: 's3cret' }, 'the contract has it as http digest, which is not known here'],
    ['a token endpoint on another host', { elsewhere: client }, 'is on no host of the source: set tokenUrl'],
    ['a token endpoint nobody names', { nowhere: client }, 'names no token endpoint: set tokenUrl'],
    ['a header of the connection', { host: 's3cret' }, 'no place for a key that can be sent'],
    ['a header that is none', { split: 's3cret' }, 'no place for a key that can be sent'],
    ['a place that is none', { body: 's3cret' }, 'no place for a key that can be sent'],
  ])('%s', (_what, secrets, message) => {
    const error = refusal(secrets, { all });
    expect([error.code, error.source]).toEqual(['SOURCE_UNAVAILABLE', 'shop']);
    expect(error.message).toContain(message);
    expect(publicText(error) + String(error.cause)).not.toContain('s3cret');
  });

  it('a secret that no operation asks for', () => {
    expect(refusal({ key: 'k' }, { all: [want('key', 'login')] }).message).toContain(
      'No operation of the contract asks for key',
    );
    expect(refusal({ key: 'k' }, { all: [] }).message).toContain('use auth.apiKey');
    expect(refusal({ key: 'k' }, { all: [], schemes: [] }).message).toContain('it has none');
  });

  it('a token endpoint in plain text where the source is not, and without an address to compare', () => {
    const schemes = [{ name: 'oauth', type: 'oauth2', tokenUrl: 'http://api.example/token' }];
    const given = { all: [want('oauth')], schemes };
    expect(refusal({ oauth: client }, { ...given, endpoints: ['https://api.example'] }).message).toContain(
      'set tokenUrl',
    );
    expect(refusal({ oauth: client }, { ...given, endpoints: [] }).message).toContain('set tokenUrl');
  });

  it('none of these where the policy names the token endpoint, or it is on a host of the source', async () => {
    const named = { ...client, tokenUrl: 'https://login.example/token' };
    await open({ elsewhere: named }, { all: [want('elsewhere')] })[Symbol.asyncDispose]();
    const schemes = [{ name: 'oauth', type: 'oauth2', tokenUrl: 'https://api.example:8443/token' }];
    const given = { all: [want('oauth')], schemes, endpoints: ['https://api.example/v1'] };
    await open({ oauth: client }, given)[Symbol.asyncDispose]();
  });
});

describe('what the policy refuses', () => {
  it.each([
    ['auth: { fromContract: {} }', 'needs one to twenty security schemes'],
    ['auth: { fromContract: { a: "" } }', 'at least 1 characters'],
    ['auth: { fromContract: { a: "s3cret\\n" } }', 'cannot be sent'],
    ['auth: { fromContract: { a: { username: x } } }', 'password'],
    ['auth: { fromContract: { a: { clientId: x, clientSecret: s3cret, tokenUrl: "ftp://x" } } }', 'http(s) URL'],
    ['auth: { fromContract: { a: b }, passThrough: true }', 'needs exactly one scheme'],
    ['auth: { fromContract: [a] }', 'must be a map of keys'],
  ])('%s', (text, fault) => {
    const printed = faults(parsePolicy, text).join('\n');
    expect(printed).toContain(fault);
    expect(printed).not.toContain('s3cret');
  });
});
