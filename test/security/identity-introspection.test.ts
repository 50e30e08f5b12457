/** Tokens only their issuer can read, asked of it: how often, for how long, and what a failure means. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewaySchema } from '../../gateway/config/schema.ts';
import { AUDIENCE, type Authority, forgeToken, ISSUER, startAuthority } from './issuer.ts';
import { bearer, openWhoami } from './whoami.ts';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority[Symbol.asyncDispose]());

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
