/** Whoever makes up tokens cannot have the gateway ask the authorization server at will, nor push out what is known of others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQuestions } from '../../gateway/identify/questions.ts';
import { until } from '../kit/until.ts';
import { type Authority, startAuthority } from './issuer.ts';
import { bearer, openWhoami } from './whoami.ts';

let authority: Authority;
beforeAll(async () => {
  authority = await startAuthority();
});
afterAll(() => authority[Symbol.asyncDispose]());

const PROXIED = { addresses: ['127.0.0.0/8', '::1/128'], headers: { address: 'x-forwarded-for' } };

/** A gateway where tokens that begin with "good" are somebody's; three requests a minute are let through from one address. */
async function open(
  rule: Record<string, unknown> = {},
  identity: Record<string, unknown> = {},
  bounds: Record<string, unknown> = {},
) {
  authority.asked.length = 0;
  authority.answer = (_path, body) => {
    const token = new URLSearchParams(body).get('token') ?? '';
    return { status: 200, body: token.startsWith('good') ? { active: true, sub: token } : { active: false } };
  };
  const introspection = { url: `${authority.url}/introspect`, clientId: 'gateway', clientSecret: 'secret', ...bounds };
  const whoami = openWhoami(
    { introspection, trustedProxy: PROXIED, ...identity },
    { rateLimits: [{ name: 'per-address', by: ['ip'], points: 3, cost: 'requests', ...rule }] },
  );
  const { url } = await whoami.app.listen();
  return {
    ...whoami,
    asked: () => authority.asked.length,
    /** Over the port, as a client of that address. */
    async from(address: string, token: string): Promise<number> {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': address, ...bearer(token) };
      const accept = 'application/graphql-response+json';
      const body = JSON.stringify({ query: '{ me }' });
      const answer = await fetch(`${url}/graphql`, { method: 'POST', headers: { ...headers, accept }, body });
      await answer.arrayBuffer();
      return answer.status;
    },
    [Symbol.asyncDispose]: () => whoami.app[Symbol.asyncDispose](),
  };
}

describe('an address that has spent what it may ask for', () => {
  it('has nobody asked about its tokens, until there is some of it again; others have', async () => {
    await using gateway = await open();
    const statuses = [];
    for (const token of ['b1', 'b2', 'b3', 'b4', 'b5', 'good1'])
      statuses.push(await gateway.from('198.51.100.7', token));
    expect([statuses, gateway.asked()]).toEqual([[401, 401, 401, 429, 429, 429], 3]);
    expect([await gateway.from('198.51.100.8', 'good1'), gateway.asked()]).toEqual([200, 4]);
    gateway.clock.advance(20_000);
    expect([await gateway.from('198.51.100.7', 'b6'), gateway.asked()]).toEqual([401, 5]);
  });

  it('is one network of IPv6, and no header of a stranger makes it another', async () => {
    await using gateway = await open();
    for (const last of ['1', '2', '3', '4'])
      expect(await gateway.from(`2001:db8:1:2::${last}`, `b${last}`)).toBe(last === '4' ? 429 : 401);
    // What stands before the address that the proxy wrote is the client's own.
    expect(await gateway.from('192.0.2.9, 2001:db8:1:2::5', 'b5')).toBe(429);
    expect([await gateway.from('2001:db8:1:3::1', 'b6'), gateway.asked()]).toEqual([401, 4]);
  });

  it('has no more questions under way than it has left, however many it sends at once', async () => {
    await using gateway = await open();
    const statuses = await Promise.all(
      Array.from({ length: 30 }, (_, index) => gateway.from('198.51.100.7', `b${index}`)),
    );
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(3);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    // A place is free between the answer and its being counted.
    expect(gateway.asked()).toBeLessThanOrEqual(6);
  });

  it('takes one of its budget for a good token, and not two', async () => {
    await using gateway = await open();
    const statuses = [];
    for (const token of ['good1', 'good2', 'good3', 'good4']) statuses.push(await gateway.from('198.51.100.7', token));
    expect([statuses, gateway.asked()]).toEqual([[200, 200, 200, 429], 3]);
  });

  it.each<[string, Record<string, unknown>, number[], number]>([
    ['only where a rule holds whoever it is', { by: ['ip', 'anonymous'] }, [401, 401, 401, 429, 200], 5],
    ['not by a rule of some principals', { match: { kinds: ['jwt'] } }, [401, 401, 401, 401, 200], 5],
    ['not by a shadow', { shadow: true }, [401, 401, 401, 401, 200], 5],
    ['also by a rule that counts prices, once nothing is left', { cost: 'price' }, [401, 401, 401, 401, 200], 5],
  ])('%s', async (_title, rule, expected, asked) => {
    await using gateway = await open(rule);
    const statuses = [];
    for (const token of ['b1', 'b2', 'b3', 'b4', 'good']) statuses.push(await gateway.from('198.51.100.7', token));
    expect([statuses, gateway.asked()]).toEqual([expected, asked]);
  });
});

describe('an address that asks for more than its share at once', () => {
  it('waits for its own answers, while others are asked about', async () => {
    await using gateway = await open({ match: { kinds: ['jwt'] } }, {}, { maxConcurrent: 8 });
    const { answer } = authority;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    authority.answer = (async (...asked: Parameters<typeof answer>) => {
      await held;
      return answer(...asked);
    }) as never;
    const first = ['b1', 'good1'].map((token, index) => gateway.from(`2001:db8:1:2::${index}`, token));
    await until(async () => gateway.asked() === 2);
    for (const token of ['b2', 'b3']) expect(await gateway.from('2001:db8:1:2::9', token)).toBe(429);
    // Others are asked about, and so is nobody twice: this question is under way.
    const others = ['good2', 'good1'].map((token, index) => gateway.from(`198.51.100.${index}`, token));
    const again = gateway.from('2001:db8:1:2::9', 'good1');
    await until(async () => gateway.asked() === 3);
    release();
    expect(await Promise.all([...first, ...others, again])).toEqual([401, 200, 200, 200, 200]);
    expect([await gateway.from('2001:db8:1:2::9', 'good3'), gateway.asked()]).toEqual([200, 4]);
  });

  it.each([
    [{ max: 64 }, 16],
    [{ max: 7 }, 1],
    [{ max: 1 }, 1],
    [{ max: 8, maxPerAddress: 3 }, 3],
    [{ max: 2, maxPerAddress: 3 }, 2],
  ])('has of %j places %i, which others do not take from it', (options, share) => {
    const questions = createQuestions(options);
    const ends = Array.from({ length: share }, () => questions.begin('198.51.100.7'));
    const code = share < options.max ? 'RATE_LIMITED' : 'SOURCE_UNAVAILABLE';
    expect(() => questions.begin('::ffff:198.51.100.7')).toThrow(expect.objectContaining({ code }));
    for (const end of ends) end();
    const more = Array.from({ length: options.max }, (_, index) => questions.begin(`192.0.2.${index}`));
    expect(() => questions.begin('198.51.100.7')).toThrow(expect.objectContaining({ code: 'SOURCE_UNAVAILABLE' }));
    more[0]?.();
    expect(() => questions.begin('198.51.100.7')).not.toThrow();
  });
});

it('a proof over WebSocket is bound in the same way', async () => {
  await using gateway = await open();
  const { connect } = await import('../kit/socket.ts');
  const { url } = await gateway.app.listen();
  const codes = [];
  for (const token of ['b1', 'b2', 'b3', 'b4']) {
    const headers = { ...bearer(token), 'x-forwarded-for': '198.51.100.7' };
    const client = await connect(`${url}/graphql`, { headers, handshake: false });
    client.send({ type: 'connection_init' });
    codes.push((await client.closed).code);
  }
  expect([codes, gateway.asked()]).toEqual([[4401, 4401, 4401, 1013], 3]);
});

it('tokens that somebody makes up push out none that are known to be good', async () => {
  await using gateway = await open({ points: 1000 }, { maxCached: 10 });
  expect(await gateway.from('198.51.100.7', 'good')).toBe(200);
  for (let index = 0; index < 20; index += 1) await gateway.from('198.51.100.8', `b${index}`);
  expect(gateway.asked()).toBe(21);
  expect([await gateway.from('198.51.100.7', 'good'), gateway.asked()]).toEqual([200, 21]);
});
