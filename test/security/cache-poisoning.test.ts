/** Nobody can bring an answer of their own making into the cache of another, by whatever they write in headers or documents. */
import { describe, expect, it, vi } from 'vitest';
import type { Principal } from '../../gateway/context.ts';
import { type Asking, noteCall, startCached } from '../kit/cached.ts';

// Hundreds of requests are seconds where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const victim: Principal = { kind: 'jwt', id: 'victim', roles: [], scopes: [] };
const attacker: Principal = { kind: 'jwt', id: 'attacker', roles: [], scopes: [] };

/** A source that puts every header it is sent into its answer, as badly written ones do. */
function reflecting(forwarded: readonly string[]) {
  const calls: string[] = [];
  const kit = startCached({
    sdl: 'type Query { page: Page @call @cacheControl(maxAge: 60) mine: Page @call @cacheControl(maxAge: 60, scope: "PRIVATE") } type Page { text: String }',
    forwarded,
    resolvers: {
      Query: Object.fromEntries(
        ['page', 'mine'].map((name) => [
          name,
          (_parent: unknown, _args: unknown, context) => {
            noteCall(context, name);
            const connection = context.headers.get('connection') ?? '';
            const isSent = (name: string): boolean => !connection.toLowerCase().includes(name);
            const text = JSON.stringify(forwarded.map((name) => (isSent(name) && context.headers.get(name)) || null));
            calls.push(text);
            return { text };
          },
        ]),
      ),
    },
  });
  return { ...kit, calls };
}

const page = '{ page { text } }';

describe('a header that is not sent on', () => {
  it.each([
    { 'x-forwarded-host': 'evil.example' },
    { 'x-forwarded-proto': 'http', 'x-forwarded-for': '1.2.3.4', forwarded: 'host=evil.example' },
    { 'x-original-url': '/admin', 'x-rewrite-url': '/admin', 'x-http-method-override': 'PUT' },
    { 'cache-control': 'no-cache, no-store', pragma: 'no-cache' },
    { 'x-cache': 'HIT', age: '0', 'if-none-match': '*', range: 'bytes=0-1' },
    { 'accept-language': 'evil', cookie: 'a=evil', 'user-agent': 'evil' },
    { connection: 'x-tenant, close', te: 'trailers' },
    { 'x-request-id': 'evil', traceparent: '00-evil' },
  ] satisfies Record<string, string>[])('%j changes neither what others get nor how it is kept', async (headers) => {
    const { ask, calls } = reflecting(['x-tenant']);
    const first = await ask(page, { headers });
    const second = await ask(page);
    expect([second.outcome, second.data]).toEqual(['HIT', { page: { text: '[null]' } }]);
    expect([first.data, calls.length]).toEqual([second.data, 1]);
  });
});

describe('a header that is sent on', () => {
  const ways: [string, Asking['headers'] & object][] = [
    ['with another value', { 'x-tenant': 'evil' }],
    ['with nothing in it', { 'x-tenant': '' }],
    ['with the victim’s value and something after it', { 'x-tenant': 'good, evil' }],
    ['with the victim’s value, said to be about the connection', { 'x-tenant': 'good', connection: 'x-tenant' }],
    ['the same in another case', { 'x-tenant': 'good', connection: 'keep-alive, X-Tenant' }],
    ['with text that would end one value and begin another', { 'x-tenant': 'good","x' }],
    ['beside another one that holds what this one does', { 'x-other': 'good' }],
  ];
  it.each(ways)('%s is another answer', async (_how, headers) => {
    const { ask } = reflecting(['x-other', 'x-tenant']);
    await ask(page, { headers });
    const given = await ask(page, { headers: { 'x-tenant': 'good' } });
    expect([given.outcome, given.data]).toEqual(['MISS', { page: { text: '[null,"good"]' } }]);
  });
});

describe('an answer for one principal', () => {
  it('never meets another’s, who claims to be the same in a header', async () => {
    const { ask } = reflecting([]);
    const mine = '{ mine { text } }';
    await ask(mine, { principal: victim });
    const headers = { authorization: 'Bearer victim', 'x-user-id': 'victim', cookie: 'session=victim' };
    expect((await ask(mine, { principal: attacker, headers })).outcome).toBe('MISS');
    expect((await ask(mine, { headers })).outcome).toBe('BYPASS');
    expect((await ask(mine, { principal: victim })).outcome).toBe('HIT');
  });
});

describe('a document', () => {
  it.each([
    '{ page { text: __typename } }',
    '{ page { text } a: page { text } }',
    'query ($x: Int = 1) { page { text } }',
    'fragment F on Query { page { text } } query Q { ...F }',
  ])('%s is kept apart from every other', async (other) => {
    const { ask, calls } = reflecting([]);
    await ask(other);
    const made = calls.length;
    expect((await ask(page)).outcome).toBe('MISS');
    expect(calls.length).toBe(made + 1);
  });

  it('that asks under the names of the cache itself is not kept', async () => {
    const { ask } = reflecting([]);
    const text = '{ page { __responseCacheTypeName: text __responseCacheId: text } }';
    for (const _ of [1, 2]) expect((await ask(text)).outcome).toBe('BYPASS');
  });
});
