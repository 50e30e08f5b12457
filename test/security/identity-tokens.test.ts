/** Bearer tokens: every forgery that has worked against somebody, and how often keys are asked for. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewaySchema } from '../../gateway/config/schema.ts';
import {
  AUDIENCE,
  type Authority,
  forgeToken,
  ISSUER,
  type Key,
  makeKey,
  signToken,
  startAuthority,
} from './issuer.ts';
import { bearer, openWhoami, type Whoami } from './whoami.ts';

const [first, second, stranger] = [makeKey('one'), makeKey('two'), makeKey('one')];
const pem = first.publicKey.export({ type: 'spki', format: 'pem' }).toString();
let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority[Symbol.asyncDispose]());

async function open(
  provider: Readonly<Record<string, unknown>> = {},
  keys: readonly Key[] = [first],
): Promise<Whoami & AsyncDisposable> {
  await authority.publish(...keys);
  authority.asked.length = 0;
  const jwt = [{ issuer: ISSUER, audience: [AUDIENCE], jwksUrl: `${authority.url}/keys`, ...provider }];
  const whoami = openWhoami({ jwt });
  return { ...whoami, [Symbol.asyncDispose]: () => whoami.app[Symbol.asyncDispose]() };
}

describe('a JWT', () => {
  it('tells who asks: id, tenant, roles, scopes, and claims that are to be kept', async () => {
    await using whoami = await open({
      claims: { tenant: 'https://shop.test/tenant', roles: 'realm.roles', keep: ['level', 'realm'] },
      clockSkewMs: 0,
    });
    const now = whoami.clock.now();
    const token = await signToken(first, now, {
      'https://shop.test/tenant': 'acme',
      realm: { roles: ['admin', 7] },
      scope: 'a b',
      level: 3,
    });
    expect((await whoami.who(bearer(token))).principal).toEqual({
      kind: 'jwt',
      id: 'jwt:ada',
      tenant: 'acme',
      roles: ['admin'],
      scopes: ['a', 'b'],
      claims: { sub: 'ada', tenant: 'acme', level: 3 },
      expiresAt: Math.floor(now / 1000) * 1000 + 600_000,
    });
  });

  const exp = (clock: number, seconds: number) => Math.floor(clock / 1000) + seconds;
  const good = (now: number) => ({ iss: ISSUER, aud: AUDIENCE, sub: 'root', exp: exp(now, 600) });
  const forgeries: [string, (now: number) => string | Promise<string>, RegExp][] = [
    ['alg none', (now) => forgeToken({ alg: 'none' }, good(now)), /not accepted/],
    ['alg NONE with a signature', (now) => forgeToken({ alg: 'NONE', kid: 'one' }, good(now), 'x'), /not accepted/],
    [
      'a public key taken for a secret (RS/HS confusion)',
      (now) => forgeToken({ alg: 'HS256', kid: 'one' }, good(now), pem),
      /not accepted/,
    ],
    ['a signature of somebody else under a known name', (now) => signToken(stranger, now), /not accepted/],
    [
      'a key that it brings along',
      async (now) => signToken({ ...stranger, kid: 'mine' }, now, {}, { jwk: { kty: 'EC' } }),
      /not accepted/,
    ],
    [
      'an address of keys that it brings along',
      (now) => signToken(stranger, now, {}, { jku: 'https://evil.test/keys' }),
      /not accepted/,
    ],
    ['claims that were changed', async (now) => changed(await signToken(first, now)), /not accepted/],
    ['a time that is over', (now) => signToken(first, now, { exp: exp(now, -6) }), /has expired/],
    ['no end', (now) => signToken(first, now, { exp: undefined }), /not accepted/],
    ['an end that is no number', (now) => signToken(first, now, { exp: '9999999999' }), /not accepted/],
    ['a time to come', (now) => signToken(first, now, { nbf: exp(now, 7) }), /not valid yet/],
    ['another audience', (now) => signToken(first, now, { aud: 'another' }), /meant for somebody else/],
    ['no audience', (now) => signToken(first, now, { aud: undefined }), /not accepted|somebody else/],
    ['another issuer', (now) => signToken(first, now, { iss: `${ISSUER}/` }), /not accepted/],
    ['nobody it is of', (now) => signToken(first, now, { sub: undefined }), /does not say whose/],
    ['an id that is too long', (now) => signToken(first, now, { sub: 'x'.repeat(600) }), /does not say whose/],
    ['a bond to a key that was not shown', (now) => signToken(first, now, { cnf: { 'x5t#S256': 'abc' } }), /not shown/],
    ['a bond that cannot be checked (DPoP)', (now) => signToken(first, now, { cnf: { jkt: 'abc' } }), /not shown/],
    ['no dots at all', () => 'opaque', /not accepted/],
    ['nothing', () => '', /is not one/],
    ['bytes that are no text', () => '\u00e4.b.c', /is not one/],
    ['no end of letters', () => 'x'.repeat(20_000), /is not one/],
  ];
  it.each(forgeries)('is refused with %s', async (_title, make, message) => {
    await using whoami = await open();
    const told = await whoami.who(bearer(await make(whoami.clock.now())));
    expect(told).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', message: expect.stringMatching(message) });
    expect(told.challenge).toMatch(
      /^Bearer realm="tributary", error="invalid_token", error_description="[\x20-\x21\x23-\x7e]+"$/,
    );
  });

  it('may come from a clock that is a little off, either way', async () => {
    await using whoami = await open({ clockSkewMs: 10_000 });
    const now = whoami.clock.now();
    for (const claims of [{ exp: exp(now, -9) }, { nbf: exp(now, 9) }])
      expect(await whoami.who(bearer(await signToken(first, now, claims)))).toMatchObject({ status: 200 });
  });

  it('has to be of the type that is asked for', async () => {
    await using whoami = await open({ type: 'at+jwt' });
    const now = whoami.clock.now();
    expect(await whoami.who(bearer(await signToken(first, now)))).toMatchObject({ status: 401 });
    expect(await whoami.who(bearer(await signToken(first, now, {}, { typ: 'at+jwt' })))).toMatchObject({ status: 200 });
  });

  it('of several issuers is checked with the keys of its own, and ids are never mixed up', async () => {
    const other = { issuer: 'https://other.test', audience: [AUDIENCE], secret: 's'.repeat(32), idPrefix: 'other:' };
    await authority.publish(first);
    const own = { issuer: ISSUER, audience: [AUDIENCE], jwksUrl: authority.url };
    const whoami = openWhoami({ jwt: [own, other] });
    const now = whoami.clock.now();
    const claims = { ...good(now), iss: 'https://other.test' };
    const idOf = async (token: string) => (await whoami.who(bearer(token))).principal?.['id'];
    expect(await idOf(await signToken(first, now))).toBe('jwt:ada');
    expect(await idOf(forgeToken({ alg: 'HS256' }, claims, 's'.repeat(32)))).toBe('other:root');
    expect(await idOf(await signToken(first, now, { iss: 'https://other.test' }))).toBeUndefined();
    expect(await idOf(forgeToken({ alg: 'HS256' }, good(now), 's'.repeat(32)))).toBeUndefined();
    await whoami.app[Symbol.asyncDispose]();
  });
});

describe('keys of an issuer', () => {
  it('are read once, however many ask at a time, and a token is verified once', async () => {
    await using whoami = await open();
    const token = await signToken(first, whoami.clock.now());
    const told = await Promise.all(Array.from({ length: 20 }, () => whoami.who(bearer(token))));
    expect(told.every(({ status }) => status === 200)).toBe(true);
    expect(authority.asked).toHaveLength(1);
  });

  it('are read again for a key that is not known, not more often than the cooldown allows', async () => {
    await using whoami = await open({ cooldownMs: 30_000 });
    const { clock, who } = whoami;
    expect(await who(bearer(await signToken(first, clock.now())))).toMatchObject({ status: 200 });
    await authority.publish(second);
    clock.advance(31_000);
    const rotated = await Promise.all([1, 2, 3].map(async () => who(bearer(await signToken(second, clock.now())))));
    expect(rotated.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(authority.asked).toHaveLength(2);
    // Made-up names cost the issuer nothing.
    for (let turn = 0; turn < 10; turn += 1)
      await who(bearer(await signToken({ ...second, kid: randomUUID() }, clock.now())));
    expect(authority.asked).toHaveLength(2);
  });

  it('that were withdrawn are refused when tokens are verified anew, at the latest', async () => {
    await using whoami = await open({ keepMs: 60_000, refreshMs: 60_000, cooldownMs: 1000 });
    const { clock, who } = whoami;
    const token = await signToken(first, clock.now(), { exp: Math.floor(clock.now() / 1000) + 100_000 });
    expect(await who(bearer(token))).toMatchObject({ status: 200 });
    await authority.publish(second);
    clock.advance(59_000);
    expect(await who(bearer(token))).toMatchObject({ status: 200 });
    clock.advance(62_000);
    expect(await who(bearer(token))).toMatchObject({ status: 401 });
  });

  it('go on while the issuer cannot be asked; where there are none it is nobody’s fault', async () => {
    await using whoami = await open({ refreshMs: 1000, keepMs: 0 });
    const { clock, who } = whoami;
    const token = await signToken(first, clock.now());
    expect(await who(bearer(token))).toMatchObject({ status: 200 });
    authority.answer = () => ({ status: 500, body: {} });
    clock.advance(5000);
    expect(await who(bearer(token))).toMatchObject({ status: 200 });
    expect(whoami.app.lines).toContainEqual(
      expect.objectContaining({ msg: 'proofs of identity cannot be checked as they should' }),
    );
    const broken: Authority['answer'][] = [
      () => ({ status: 302, body: {}, location: `${authority.url}/elsewhere` }),
      () => ({ status: 200, body: 'x'.repeat(300_000) }),
      () => ({ status: 200, body: '{"keys": 1}' }),
      () => undefined,
    ];
    for (const answer of broken) {
      await using fresh = await open();
      authority.answer = answer;
      expect(await fresh.who(bearer(token))).toMatchObject({ status: 503, code: 'SOURCE_UNAVAILABLE' });
      expect(authority.asked.map(({ path }) => path)).toEqual(['/keys']);
    }
  });

  it('that are secrets are never public ones', async () => {
    authority.answer = () => ({
      status: 200,
      body: { keys: [{ kty: 'oct', kid: 'one', k: Buffer.from('s'.repeat(32)).toString('base64url') }] },
    });
    await using whoami = await open();
    authority.answer = () => ({
      status: 200,
      body: { keys: [{ kty: 'oct', kid: 'one', k: Buffer.from('s'.repeat(32)).toString('base64url') }] },
    });
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'root', exp: Math.floor(whoami.clock.now() / 1000) + 60 };
    const told = await whoami.who(bearer(forgeToken({ alg: 'HS256', kid: 'one' }, claims, 's'.repeat(32))));
    expect(told).toMatchObject({ status: 401 });
  });
});

describe('introspection', () => {
  const server = () => ({ url: `${authority.url}/introspect`, clientId: 'gate way', clientSecret: 'pass:word' });
  async function introspecting(answer: (token: string) => unknown, more: Readonly<Record<string, unknown>> = {}) {
    authority.asked.length = 0;
    authority.answer = (_path, body) => ({ status: 200, body: answer(new URLSearchParams(body).get('token') ?? '') });
    const whoami = openWhoami({ introspection: { ...server(), ...more } });
    return { ...whoami, [Symbol.asyncDispose]: () => whoami.app[Symbol.asyncDispose]() };
  }

  it('asks once for a token, in the gateway’s own name, until its time or the limit is over', async () => {
    await using whoami = await introspecting(
      () => ({ active: true, sub: 'ada', scope: 'a b', exp: Math.floor(Date.UTC(2026, 0, 1) / 1000) + 90 }),
      { keepMs: 60_000 },
    );
    const { who, clock } = whoami;
    const told = await Promise.all([1, 2, 3].map(() => who(bearer('opaque'))));
    expect(told[0]).toMatchObject({ principal: { kind: 'token', id: 'token:ada', scopes: ['a', 'b'] } });
    expect(authority.asked).toEqual([
      {
        path: '/introspect',
        body: 'token=opaque&token_type_hint=access_token',
        authorization: `Basic ${Buffer.from('gate+way:pass%3Aword').toString('base64')}`,
      },
    ]);
    clock.advance(61_000);
    expect(await who(bearer('opaque'))).toMatchObject({ status: 200 });
    expect(authority.asked).toHaveLength(2);
    // Its own end is nearer than the limit now.
    clock.advance(30_000);
    expect(await who(bearer('opaque'))).toMatchObject({ status: 401, message: 'The token has expired.' });
  });

  it.each([
    ['is not active', { active: false }, 401],
    ['is for somebody else', { active: true, sub: 'ada', aud: 'another' }, 401],
    ['is of nobody', { active: true, aud: AUDIENCE }, 401],
    ['is good', { active: true, sub: 'ada', aud: ['x', AUDIENCE] }, 200],
    ['is said to be "true"', { active: 'true', sub: 'ada', aud: AUDIENCE }, 503],
  ])('a token that %s', async (_title, answer, status) => {
    await using whoami = await introspecting(() => answer, { audience: [AUDIENCE], keepRefusedMs: 5000 });
    for (let turn = 0; turn < 3; turn += 1) expect(await whoami.who(bearer('t'))).toMatchObject({ status });
    // What nobody knows is asked again; a refusal is remembered for a while.
    expect(authority.asked).toHaveLength(status === 503 ? 3 : 1);
    whoami.clock.advance(5001);
    await whoami.who(bearer('t'));
    expect(authority.asked).toHaveLength(status === 503 ? 4 : status === 401 ? 2 : 1);
  });

  it('is asked about what is no JWT of a known issuer, and about so many at a time only', async () => {
    authority.asked.length = 0;
    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    authority.answer = (async () => {
      await gate;
      return { status: 200, body: { active: true, sub: 'x' } };
    }) as never;
    const whoami = openWhoami({ introspection: { ...server(), maxConcurrent: 1 } });
    const waiting = whoami.who(bearer(forgeToken({ alg: 'none' }, { iss: 'https://unknown.test' })));
    expect(await whoami.who(bearer('b'))).toMatchObject({ status: 503 });
    release?.();
    expect(await waiting).toMatchObject({ status: 200 });
    await whoami.app[Symbol.asyncDispose]();
  });
});

describe('configuration refuses', () => {
  const provider = { issuer: ISSUER, audience: [AUDIENCE] };
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
  it.each([
    ['a public key with HS256', { ...provider, jwksUrl: 'https://a.test', algorithms: ['RS256', 'HS256'] }],
    ['a secret with RS256', { ...provider, secret: rsa, algorithms: ['RS256'] }],
    ['alg none', { ...provider, jwksUrl: 'https://a.test', algorithms: ['none'] }],
    ['a short secret', { ...provider, secret: 'short' }],
    ['a secret too short for its algorithm', { ...provider, secret: 's'.repeat(63), algorithms: ['HS512'] }],
    ['keys over plain http', { ...provider, jwksUrl: 'http://issuer.test/keys' }],
    ['both a secret and keys', { ...provider, jwksUrl: 'https://a.test', secret: 's'.repeat(32) }],
    ['neither', provider],
    ['no audience', { issuer: ISSUER, audience: [], jwksUrl: 'https://a.test' }],
    ['a prefix of another kind', { ...provider, jwksUrl: 'https://a.test', idPrefix: 'key:' }],
  ])('%s', (_title, jwt) => {
    expect(gatewaySchema.safeParse({ identity: { jwt: [jwt] } }).success).toBe(false);
  });

  it('two issuers whose ids could be mixed up', () => {
    const jwt = ['https://a.test', 'https://b.test'].map((issuer) => ({ ...provider, issuer, jwksUrl: issuer }));
    expect(gatewaySchema.safeParse({ identity: { jwt } }).success).toBe(false);
    expect(gatewaySchema.safeParse({ identity: { jwt: [jwt[0], { ...jwt[1], idPrefix: 'b:' }] } }).success).toBe(true);
  });

  it('headers of a trusted proxy that every WebSocket client could write', () => {
    const identity = { trustedProxy: { addresses: ['10.0.0.0/8'], headers: { id: 'x-user' } } };
    expect(gatewaySchema.safeParse({ identity }).success).toBe(true);
    expect(gatewaySchema.safeParse({ identity, websocket: { initHeaders: ['X-User'] } }).success).toBe(false);
  });
});

/** The same token with another subject, and the signature it had. */
function changed(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')}.${signature}`;
}
