/** What rules take, refuse and give back. */
import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../gateway/context.ts';
import { anonymous, anyone, cost, type Given, price, type Rule, setUp } from './limiter-kit.ts';

const requests = (rule: Rule) => ({ rateLimits: [{ name: 'r', by: [], points: 3, cost: 'requests', ...rule }] });

describe('a rule', () => {
  it.each<[string, Rule, Given, Given]>([
    ['by principal', { by: ['principal'] }, {}, { principal: { ...anyone, id: 'k2' } }],
    ['by kind of principal, where ids are equal', { by: ['principal'] }, {}, { principal: { ...anyone, kind: 'jwt' } }],
    ['by API key', { by: ['apiKey'] }, {}, { principal: { ...anyone, id: 'k2' } }],
    ['by tenant', { by: ['tenant'] }, {}, { principal: { ...anyone, tenant: 't2' } }],
    ['by address', { by: ['ip'] }, {}, { peer: { address: '192.0.2.2' } }],
    [
      'by network of an address',
      { by: ['ip'] },
      { peer: { address: '2001:db8::1' } },
      { peer: { address: '2001:db8:0:1::1' } },
    ],
    ['by known operation', { by: ['operationName'], known: { operationNames: ['Q', 'R'] } }, {}, { name: 'R' }],
    ['by path', { by: ['path'] }, {}, { path: '/other' }],
    ['by known version', { by: ['apiVersion'], known: { apiVersions: ['1', '2'] } }, { header: '1' }, { header: '2' }],
    ['by tenant and address', { by: ['tenant', 'ip'] }, {}, { peer: { address: '192.0.2.2' } }],
  ])('%s keeps budgets apart', async (_title, rule, one, other) => {
    const { through } = setUp(requests(rule));
    expect([await through(one), await through(other), await through(one)]).toEqual([3, 3, 0]);
  });

  it.each<[string, Rule, Given, Given]>([
    ['for everybody', { by: [] }, {}, { principal: anonymous, peer: { address: '::1' } }],
    ['for all of a tenant', { by: ['tenant'] }, {}, { principal: { ...anyone, id: 'k2' } }],
    [
      'for all addresses of a network',
      { by: ['ip'] },
      { peer: { address: '2001:db8::1' } },
      { peer: { address: '2001:db8::ffff' } },
    ],
    [
      'for all names that are not known',
      { by: ['operationName'], known: { operationNames: ['R'] } },
      { name: 'A' },
      { name: 'B' },
    ],
    ['for all versions that are not known', { by: ['apiVersion'] }, { header: '1' }, { header: '2' }],
    [
      'for all who are anonymous',
      { by: ['anonymous'] },
      { principal: anonymous },
      { principal: anonymous, peer: { address: '192.0.2.2' } },
    ],
    ['for a path with a slash at its end', { by: ['path'] }, {}, { path: '/graphql/' }],
  ])('is one budget %s', async (_title, rule, one, other) => {
    const { through } = setUp(requests(rule));
    expect([await through(one), await through(other)]).toEqual([3, 0]);
  });

  it.each<[string, Rule, Given]>([
    ['by API key, of who has none', { by: ['apiKey'] }, { principal: anonymous }],
    ['by tenant, of who has none', { by: ['tenant'] }, { principal: anonymous }],
    ['for the anonymous, of who is not', { by: ['anonymous'] }, {}],
    ['for another kind', { match: { kinds: ['jwt'] } }, {}],
    ['for another id', { match: { principals: ['k2'] } }, {}],
    ['for another tenant', { match: { tenants: ['t2'] } }, {}],
    ['for another role', { match: { roles: ['admin', 'writer'] } }, {}],
    ['for another operation', { match: { operationNames: ['R'] } }, {}],
    ['for another path', { match: { paths: ['/v2'] } }, {}],
    ['for another version', { match: { apiVersions: ['2'] } }, { header: '1' }],
    ['for another source', { match: { sources: ['b'] } }, { price: price(1, 1, { a: { points: 1, calls: 1 } }) }],
  ])('%s says nothing', async (_title, rule, given) => {
    expect(await setUp(requests(rule)).through(given)).toBe(50);
  });

  it('holds for what fits all that it asks', async () => {
    const match = {
      kinds: ['key'],
      principals: ['k1'],
      tenants: ['t1'],
      roles: ['reader'],
      operationNames: ['Q'],
      paths: ['/graphql'],
      apiVersions: ['1'],
    };
    expect(await setUp(requests({ match })).through({ header: '1' })).toBe(3);
  });

  it('takes the price, the calls or one, and says when to come back', async () => {
    const { admit, clock } = setUp({
      rateLimits: [
        { name: 'points', by: [], points: 100, windowMs: 10_000 },
        { name: 'calls', by: [], points: 1000, cost: 'calls' },
      ],
    });
    const { context } = await admit({ price: price(60, 7) });
    expect(context.quota).toEqual({
      refusedBy: undefined,
      states: [
        { rule: 'points', limit: 100, windowMs: 10_000, remaining: 40, resetMs: 6000 },
        { rule: 'calls', limit: 1000, windowMs: 60_000, remaining: 993, resetMs: 420 },
      ],
    });
    const { error, context: second } = await admit({ price: price(50, 7) });
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      status: 429,
      message: 'The limit "points" is reached: try again in 1 s.',
      headers: { 'retry-after': '1' },
      detail: { rule: 'points', retryAfterMs: 1000 },
    });
    expect(second.quota).toMatchObject({ refusedBy: 'points', states: [{ remaining: 40 }, { remaining: 993 }] });
    clock.advance(1000);
    expect((await admit({ price: price(50, 7) })).refused).toBeUndefined();
  });

  it('tells of several that refuse the one that takes longest', async () => {
    const windows = { short: 3000, long: 9000, middle: 6000 };
    const rateLimits = Object.entries(windows).map(([name, windowMs]) => ({
      name,
      by: [],
      points: 2,
      windowMs,
      burst: 1,
      cost: 'requests',
    }));
    const { admit, refusals } = setUp({ rateLimits });
    await admit();
    expect((await admit()).error?.detail).toEqual({ rule: 'long', retryAfterMs: 4500 });
    expect(refusals).toEqual(['long']);
  });

  it('tells an operation that never fits so, in place of a time to come back', async () => {
    const { admit } = setUp({ rateLimits: [{ name: 'r', by: [], points: 1000, burst: 20 }] });
    expect((await admit({ price: price(21, 1) })).error).toMatchObject({
      code: 'LIMIT_COST',
      message: expect.stringMatching(/takes 21 of the limit "r", which never holds more than 20/),
      detail: { rule: 'r', price: 21, limit: 20 },
    });
  });

  it('takes at once no more than the burst, however much the window holds', async () => {
    const { through, clock } = setUp(requests({ points: 60, burst: 5, windowMs: 60_000 }));
    expect(await through()).toBe(5);
    clock.advance(2000);
    expect(await through()).toBe(2);
  });

  it('keeps sources apart, each with its own share', async () => {
    const { admit } = setUp({ rateLimits: [{ name: 'r', by: ['source'], points: 10 }] });
    const of = (a: number, b: number) => ({
      price: price(a + b, 2, { a: { points: a, calls: 1 }, b: { points: b, calls: 1 } }),
    });
    expect((await admit(of(8, 2))).refused).toBeUndefined();
    expect((await admit(of(3, 1))).refused).toBe('RATE_LIMITED');
    expect((await admit(of(2, 8))).refused).toBeUndefined();
  });

  it('that is a shadow counts and tells, and refuses nobody', async () => {
    const { through, admit, refusals } = setUp(requests({ shadow: true, points: 2 }));
    expect(await through()).toBe(50);
    expect(refusals).toEqual(new Array(48).fill('r (shadow)'));
    expect((await admit()).context.quota?.states).toEqual([]);
  });

  it('refuses an operation whose variables cannot be read like any other', async () => {
    expect(await setUp({ rateLimits: [{ name: 'r', by: [], points: 3 }] }).through({ price: undefined })).toBe(3);
  });
});

describe('at the end', () => {
  const made = (ms: number, more: Partial<CallRecord> = {}): CallRecord => {
    return { source: 'a', operation: 'x', keys: 0, ms, bytes: 0, outcome: 'ok', ...more };
  };

  it('what was not used of the price is given back, and what it took beyond is taken', async () => {
    const { admit } = setUp({ rateLimits: [{ name: 'r', by: [], points: 100 }] });
    (await admit({ price: price(80, 2) })).end({ cost: cost(30, 1) });
    expect((await admit({ price: price(70, 2) })).context.quota?.states[0]?.remaining).toBe(0);
    const { admit: again } = setUp({ rateLimits: [{ name: 'r', by: [], points: 100 }] });
    (await again({ price: price(10, 1) })).end({ cost: cost(95, 1) });
    expect((await again({ price: price(6, 1) })).refused).toBe('RATE_LIMITED');
  });

  it('of an operation that failed only its calls count', async () => {
    const { admit } = setUp({ rateLimits: [{ name: 'r', by: [], points: 10, cost: 'calls' }] });
    (await admit({ price: price(80, 9) })).end({ calls: [made(1), made(1)] });
    expect((await admit({ price: price(1, 8) })).context.quota?.states[0]?.remaining).toBe(0);
  });

  it('the time of its calls is taken, and who used more than there was is slowed', async () => {
    const { admit, clock } = setUp({
      rateLimits: [{ name: 'slow', by: ['principal'], points: 1000, windowMs: 10_000, cost: 'upstreamMs' }],
    });
    (await admit()).end({ calls: [made(900), made(5000, { coalesced: true }), made(5000, { cache: 'hit' })] });
    const last = await admit();
    last.end({ calls: [made(400)] });
    expect((await admit()).error?.detail).toEqual({ rule: 'slow', retryAfterMs: 3010 });
    expect((await admit({ principal: { ...anyone, id: 'k2' } })).refused).toBeUndefined();
    clock.advance(3010);
    expect((await admit()).refused).toBeUndefined();
  });

  it('a place among those under way is free again, whether it ended or its process died', async () => {
    const { admit, clock, through } = setUp({
      concurrencyLimits: [{ name: 'c', by: ['principal'], max: 2, leaseMs: 1000 }],
    });
    const first = await admit();
    await admit();
    expect((await admit()).error).toMatchObject({
      code: 'RATE_LIMITED',
      detail: { rule: 'c' },
      headers: { 'retry-after': '1' },
    });
    expect((await admit({ principal: { ...anyone, id: 'k2' } })).refused).toBeUndefined();
    first.end();
    expect(await through()).toBe(1);
    clock.advance(1000);
    expect(await through()).toBe(2);
  });

  it('a refused operation holds nothing', async () => {
    const { admit, through } = setUp({
      rateLimits: [{ name: 'r', by: [], points: 1, cost: 'requests' }],
      concurrencyLimits: [{ name: 'c', by: [], max: 1 }],
    });
    (await admit()).end();
    expect((await admit()).error?.detail['rule']).toBe('r');
    expect(await through()).toBe(0);
  });
});
