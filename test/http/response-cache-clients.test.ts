/** What clients, and caches between them and the gateway, are told: nobody gets from such a cache what the gateway would not give. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { shapingHeaders } from '../../gateway/cache/headers.ts';
import { gatewaySchema } from '../../gateway/config/schema.ts';
import type { Principal } from '../../gateway/context.ts';
import { startCached } from '../kit/cached.ts';
import { createFakeClock } from '../kit/clock.ts';
import { openSharedCache } from '../kit/shared-cache.ts';
import { privacyWorld } from '../proof/cache/world.ts';

// Hundreds of requests are seconds where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const roles = { roles: ['admin'], scopes: ['read'] };

/** How each kind of client shows who it is; a certificate is shown below HTTP, so that no cache sees it. */
const CLIENTS: readonly { who: Principal | undefined; headers: Record<string, string> }[] = [
  { who: undefined, headers: {} },
  { who: undefined, headers: { 'accept-language': 'de' } },
  { who: { kind: 'key', id: 'k1', ...roles }, headers: { 'x-api-key': 'secret-1' } },
  { who: { kind: 'key', id: 'k2', ...roles }, headers: { 'x-api-key': 'secret-2' } },
  { who: { kind: 'jwt', id: 'j1', ...roles }, headers: { authorization: 'Bearer one' } },
  {
    who: { kind: 'jwt', id: 'j2', roles: [], scopes: [] },
    headers: { authorization: 'Bearer two', 'accept-language': 'de' },
  },
  { who: { kind: 'certificate', id: 'c1', ...roles }, headers: {} },
];
const PUBLIC = '{ open(n: 1) { for } }';
const QUERIES = [
  PUBLIC,
  '{ mine { for } }',
  '{ scoped { for } }',
  '{ owned(of: "k1") { for } }',
  '{ said { for } }',
  '{ failing { for } }',
  '{ open { secret } }',
];

describe('GET', () => {
  it('of what everybody gets, by nobody in particular, may be kept by others for as long as it is good', async () => {
    const clock = createFakeClock();
    const { ask } = startCached({ ...privacyWorld(), now: clock.now });
    const first = await ask(PUBLIC, { method: 'GET' });
    expect(first.headers.get('cache-control')).toBe('public, max-age=60');
    expect([first.headers.get('age'), first.headers.get('vary')]).toEqual([
      '0',
      'accept, authorization, cookie, x-api-key, x-tributary-explain, x-tributary-freshness, x-tributary-cost, accept-language, x-tenant',
    ]);
    clock.advance(7900);
    const second = await ask(PUBLIC, { method: 'GET' });
    expect([second.outcome, second.headers.get('age')]).toEqual(['HIT', '7']);
    const etag = second.headers.get('etag') ?? '';
    expect(etag).toBe(first.headers.get('etag'));
    for (const tag of [etag, '*', `"x", ${etag}`, etag.slice(2)]) {
      const known = await ask(PUBLIC, { method: 'GET', headers: { 'if-none-match': tag } });
      expect([tag, known.status, known.data, known.headers.get('age')]).toEqual([tag, 304, undefined, '7']);
    }
    const other = await ask(PUBLIC, { method: 'GET', headers: { 'if-none-match': 'W/"x"' } });
    expect([other.status, other.data]).toEqual([200, first.data]);
  });

  it('says apart by what who asks is known here, and who asks for more than the answer', () => {
    const identityOf = (settings: object) => gatewaySchema.parse({ identity: settings }).identity;
    const usual = ['accept', 'authorization', 'cookie', 'x-api-key'];
    const aside = ['x-tributary-explain', 'x-tributary-freshness', 'x-tributary-cost'];
    expect(shapingHeaders(identityOf({}))).toEqual([...usual, ...aside]);
    const keys = [{ id: 'k', secrets: [{ hash: `sha256/${'0'.repeat(64)}` }] }];
    expect(shapingHeaders(identityOf({ apiKeys: { header: 'X-Shop-Key', keys } }))).toEqual([
      ...usual,
      'x-shop-key',
      ...aside,
    ]);
    const headers = { address: 'x-forwarded-for', id: 'x-user', roles: 'x-roles', certificate: 'client-cert' };
    expect(shapingHeaders(identityOf({ trustedProxy: { addresses: ['10.0.0.0/8'], headers } }))).toEqual([
      ...usual,
      ...['client-cert', 'x-user', 'x-roles'],
      ...aside,
    ]);
  });

  it('of anything else is the client’s own and not to be kept', async () => {
    const { ask } = startCached(privacyWorld());
    for (const query of QUERIES.slice(1).filter((each) => each !== '{ failing { for } }')) {
      for (const { who, headers } of CLIENTS) {
        const given = await ask(query, { method: 'GET', headers, ...(who && { principal: who }) });
        expect([query, given.headers.get('cache-control')]).toEqual([query, 'private, no-store']);
        expect(given.headers.get('etag')).toBeNull();
      }
    }
    for (const { who, headers } of CLIENTS.slice(2)) {
      const given = await ask(PUBLIC, { method: 'GET', headers, ...(who && { principal: who }) });
      expect(given.headers.get('cache-control')).toBe('private, no-store');
    }
    for (const query of ['{ failing { for } }', '{ nothing }', '{', '{ open(n: "x") { for } }', '{ __typename }']) {
      const given = await ask(query, { method: 'GET' });
      expect([query, given.headers.get('cache-control')]).toEqual([query, 'private, no-store']);
    }
  });

  it('is answered 304 only to whoever would get the answer', async () => {
    const { ask } = startCached(privacyWorld());
    const { headers } = await ask(PUBLIC, { method: 'GET' });
    const principal: Principal = { kind: 'key', id: 'k1', roles: [], scopes: [] };
    const known = await ask(PUBLIC, {
      method: 'GET',
      principal,
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    });
    expect([known.status, known.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
  });
});

it('POST with errors is not to be kept by anybody', async () => {
  const { ask } = startCached(privacyWorld());
  expect((await ask('{ failing { for } }')).headers.get('cache-control')).toBe('no-store');
  expect((await ask(PUBLIC)).headers.get('cache-control')).toBeNull();
});

it('a cache that all clients share gives each what the gateway would', async () => {
  const clock = createFakeClock();
  const gateway = startCached({ ...privacyWorld(), now: clock.now });
  const plain = startCached({ ...privacyWorld(), settings: { enabled: false }, now: clock.now });
  const step = fc.record({
    client: fc.oneof(fc.nat(1), fc.nat(CLIENTS.length - 1)),
    query: fc.oneof(fc.constant(0), fc.nat(QUERIES.length - 1)),
    ms: fc.constantFrom(0, 0, 0, 0, 0, 1000, 61_000, 130_000),
  });
  const sum = { fresh: 0, revalidated: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 20, size: 'max' }), async (steps) => {
      clock.advance(1_000_000);
      let who: Principal | undefined;
      const between = openSharedCache(async (url, headers) => {
        const given = await gateway.ask(decodeURIComponent(url.slice(1)), {
          ...{ method: 'GET', headers },
          ...(who && { principal: who }),
        });
        const { data, errors } = given;
        return {
          status: given.status,
          headers: Object.fromEntries(given.headers),
          body: JSON.stringify({ data, errors }),
        };
      }, clock.now);
      for (const { client, query, ms } of steps) {
        clock.advance(ms);
        const { headers, who: asking } = CLIENTS[client] ?? { headers: {}, who: undefined };
        who = asking;
        const text = QUERIES[query] ?? PUBLIC;
        const given = await between.get(`/${encodeURIComponent(text)}`, { accept: 'application/json', ...headers });
        const wanted = await plain.ask(text, { headers, ...(who && { principal: who }) });
        expect(given.body).toBe(JSON.stringify({ data: wanted.data, errors: wanted.errors }));
      }
      sum.fresh += between.given().fresh;
      sum.revalidated += between.given().revalidated;
    }),
    { numRuns: 40, seed: 3 },
  );
  // It would be a poor cache, and a poor test, that never gave anything.
  expect([sum.fresh > 20, sum.revalidated > 5]).toEqual([true, true]);
});
