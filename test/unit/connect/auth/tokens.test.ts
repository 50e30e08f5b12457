import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { until } from '../../../kit/until.ts';
import { failureOf, publicText, sendJson } from '../kit.ts';
import { type Answer, accept, form, refuse, world } from './world.ts';

describe('client credentials', () => {
  it('makes one token request, however many calls come at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (calls) => {
        await using given = await world();
        await Promise.all(Array.from({ length: calls }, () => given.call()));
        expect(given.server.requests).toHaveLength(1);
        expect(given.seen()).toEqual(Array.from({ length: calls }, () => 'Bearer t1'));
      }),
      { numRuns: 8 },
    );
  });

  it('sends name and secret as RFC 6749 §2.3.1 writes them, and scopes and audience', async () => {
    await using given = await world({ scopes: ['a', 'b'], audience: 'shop' });
    await given.call();
    const [request] = given.server.requests;
    expect(request).toMatchObject({ method: 'POST', url: '/oauth/token/' });
    const [, basic = ''] = request?.headers['authorization']?.split(' ') ?? [];
    expect(Buffer.from(basic, 'base64').toString()).toBe('me%3A1:s3c%26ret');
    expect(form(request)).toEqual({ grant_type: 'client_credentials', scope: 'a b', audience: 'shop' });
  });

  it('sends them in the body where the policy says so', async () => {
    await using given = await world({ clientAuth: 'post' });
    await given.call();
    expect(given.server.requests[0]?.headers['authorization']).toBeUndefined();
    expect(form(given.server.requests[0])).toMatchObject({ client_id: 'me:1', client_secret: 's3c&ret' });
  });

  it('replaces a token before its end without anybody waiting, and never sends one that has ended', async () => {
    await using given = await world();
    await given.call();
    given.clock.advance(75_000);
    await given.call();
    await until(() => given.server.requests.length === 2);
    await until(async () => {
      await given.call();
      return given.seen().at(-1) === 'Bearer t2';
    });
    given.clock.advance(200_000);
    await given.call();
    expect(given.seen()[1]).toBe('Bearer t1');
    expect(given.seen().at(-1)).toBe('Bearer t3');
    expect(given.server.requests).toHaveLength(3);
  });

  it('goes on with the old token while the server is down, as long as it lasts', async () => {
    await using given = await world();
    await given.call();
    given.state.token = (_request, response) => void response.destroy();
    given.clock.advance(80_000);
    await given.call();
    given.clock.advance(19_999);
    await given.call();
    expect(given.seen()).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1']);
    given.clock.advance(1);
    expect((await failureOf(given.call())).code).toBe('SOURCE_UNAVAILABLE');
    expect(given.source.requests).toHaveLength(3);
  });

  it.each<[string, Answer]>([
    ['is down', (_request, response) => void response.destroy()],
    ['refuses', (_request, response) => sendJson(response, { error: 'invalid_client', error_description: 'n0' }, 401)],
    ['redirects', (_request, response) => void response.writeHead(302, { location: '/x' }).end()],
    ['answers no JSON', (_request, response) => sendJson(response, '<html>')],
    ['sends too much', (_request, response) => sendJson(response, { access_token: 'x'.repeat(70_000) })],
    [
      'gives another kind of token',
      (_request, response) => sendJson(response, { access_token: 'x', token_type: 'mac' }),
    ],
    ['gives a token that ended', (_request, response) => sendJson(response, { access_token: 'x', expires_in: 0 })],
    ['gives a line break', (_request, response) => sendJson(response, { access_token: 'x\r\ny: z' })],
  ])(
    'tells the client no more than SOURCE_UNAVAILABLE when the server %s, and waits before asking again',
    async (_what, answer) => {
      await using given = await world();
      const good = given.state.token;
      given.state.token = answer;
      const errors = [await failureOf(given.call()), await failureOf(given.call())];
      expect(errors.map(({ code }) => code)).toEqual(['SOURCE_UNAVAILABLE', 'SOURCE_UNAVAILABLE']);
      expect(publicText(errors[0] as never)).not.toMatch(/token|invalid|n0|127/);
      expect(errors[0]?.cause).toBeInstanceOf(Error);
      expect(given.server.requests).toHaveLength(1);
      expect(given.source.requests).toHaveLength(0);
      given.state.token = good;
      given.clock.advance(500);
      await given.call();
      expect(given.seen()).toEqual(['Bearer t1']);
    },
  );

  it('drops a token that the source refuses and asks once more with a new one', async () => {
    await using given = await world();
    given.state.item = accept('t2');
    await given.call();
    expect(given.seen()).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('sends a mutation once, and the next one with a new token', async () => {
    await using given = await world();
    given.state.item = accept('t2');
    const error = await failureOf(given.call(undefined, 'change', { idempotent: false }));
    expect(error).toMatchObject({ code: 'UPSTREAM_REJECTED', detail: { upstreamStatus: 401 } });
    await given.call(undefined, 'change', { idempotent: false });
    expect(given.seen()).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('does not flood the server with requests when the source refuses every token', async () => {
    await using given = await world();
    given.state.item = refuse;
    for (let call = 0; call < 10; call += 1) await failureOf(given.call());
    expect(given.server.requests).toHaveLength(2);
  });

  it('lets who waits for a token leave, and leaves the others their token', async () => {
    await using given = await world();
    const good = given.state.token;
    let release = (): void => undefined;
    given.state.token = (...exchange) => {
      release = () => good(...exchange);
    };
    const gone = new AbortController();
    const left = failureOf(given.call(undefined, 'item', { signal: gone.signal }));
    const stays = given.call();
    await until(() => given.server.requests.length === 1);
    gone.abort();
    expect((await left).code).toBe('CLIENT_CLOSED');
    release();
    await stays;
    expect(given.seen()).toEqual(['Bearer t1']);
  });
});

describe('token exchange', () => {
  const scheme = 'tokenExchange';

  it('exchanges each client’s token once and never mixes them', async () => {
    await using given = await world({ scheme, audience: 'shop' });
    given.state.token = (request, response) =>
      sendJson(response, {
        access_token: `for-${form(request)['subject_token']}`,
        token_type: 'Bearer',
        expires_in: 60,
      });
    await Promise.all(['a', 'b', 'a', 'b', 'a'].map((subject) => given.call(subject)));
    expect(given.seen().sort()).toEqual(['a', 'a', 'a', 'b', 'b'].map((subject) => `Bearer for-${subject}`));
    expect(given.server.requests).toHaveLength(2);
    expect(form(given.server.requests[0])).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'shop',
    });
  });

  it('is not made of a token that the client calls its connection’s own', async () => {
    await using given = await world({ scheme });
    const headers = { authorization: 'Bearer a', connection: 'close, Authorization' };
    expect((await failureOf(given.call(undefined, 'item', { headers }))).code).toBe('UNAUTHENTICATED');
    expect(given.server.requests).toHaveLength(0);
  });

  it('keeps no more tokens than the policy allows, and those used last', async () => {
    await using given = await world({ scheme, maxTokens: 2 });
    for (const subject of ['a', 'b', 'a', 'c', 'a', 'b']) await given.call(subject);
    expect(given.server.requests.map((request) => form(request)['subject_token'])).toEqual(['a', 'b', 'c', 'b']);
  });

  it('exchanges anew after maxAgeMs, however long the token would last', async () => {
    await using given = await world({ scheme, maxAgeMs: 1000 });
    await given.call('a');
    given.clock.advance(1000);
    await given.call('a');
    expect(given.seen()).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('never outlives a client’s JWT', async () => {
    await using given = await world({ scheme });
    const claims = Buffer.from(JSON.stringify({ exp: given.clock.now() / 1000 + 10 })).toString('base64url');
    await given.call(`h.${claims}.s`);
    given.clock.advance(10_000);
    expect((await failureOf(given.call(`h.${claims}.s`))).code).toBe('UNAUTHENTICATED');
    expect(given.server.requests).toHaveLength(1);
  });

  const answered =
    (body: unknown, status: number): Answer =>
    (_request, response) =>
      sendJson(response, body, status);
  it.each<[string, Answer, boolean]>([
    ['is refused', answered({ error: 'access_denied' }, 403), false],
    ['makes the server fail', answered({ error: 'server_error' }, 500), false],
    ['gets an answer that holds no token', answered({ token_type: 'N_A' }, 200), false],
    ['finds nobody', (_request, response) => void response.destroy(), true],
    ['finds a server that does not know the gateway', answered({ error: 'invalid_client' }, 401), true],
  ])(
    'who %s is not asked for again at once, and others are left alone only where it is not the client’s doing',
    async (_, bad, isOfAll) => {
      await using given = await world({ scheme: 'tokenExchange' });
      const good = given.state.token;
      given.state.token = bad;
      for (let n = 0; n < 5; n += 1) expect((await failureOf(given.call('mallory'))).code).toBe('SOURCE_UNAVAILABLE');
      expect(given.server.requests).toHaveLength(1);
      given.state.token = good;
      const codes = await Promise.all(
        ['ada', 'bo'].map((name) =>
          given.call(name).then(
            () => 'answered',
            ({ code }: { code: string }) => code,
          ),
        ),
      );
      const expected = isOfAll ? 'SOURCE_UNAVAILABLE' : 'answered';
      expect([codes, given.server.requests.length]).toEqual([[expected, expected], isOfAll ? 1 : 3]);
    },
  );

  it('is UNAUTHENTICATED without a token and with a refused one, which keeps no other client out', async () => {
    await using given = await world({ scheme });
    const good = given.state.token;
    given.state.token = (request, response) =>
      form(request)['subject_token'] === 'bad'
        ? sendJson(response, { error: 'invalid_grant' }, 400)
        : good(request, response, undefined as never);
    expect((await failureOf(given.call())).code).toBe('UNAUTHENTICATED');
    expect((await failureOf(given.call('bad'))).code).toBe('UNAUTHENTICATED');
    expect((await failureOf(given.call('bad'))).code).toBe('UNAUTHENTICATED');
    await given.call('good');
    expect(given.server.requests).toHaveLength(2);
    expect(given.source.requests).toHaveLength(1);
  });
});
