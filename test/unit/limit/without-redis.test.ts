/** What rules do while their store does not answer. */
import { describe, expect, it } from 'vitest';
import { price, type Rule, setUp } from './limiter-kit.ts';

const requests = (rule: Rule) => ({ rateLimits: [{ name: 'r', by: [], points: 3, cost: 'requests', ...rule }] });

describe('without Redis', () => {
  it.each([
    ['open', 50],
    ['closed', 0],
    // A tenth of the budget.
    ['local', 4],
  ])('a rule that fails %s lets through %i of 40', async (fail, count) => {
    let isAway = true;
    const { through, admit, clock } = setUp(requests({ fail, points: 40 }), () => isAway);
    expect(await through()).toBe(count);
    if (fail === 'closed') {
      expect((await admit()).error).toMatchObject({ code: 'RATE_LIMITED', headers: { 'retry-after': '1' } });
      expect((await admit()).error?.message).toMatch(/"r" cannot be checked at the moment/);
    }
    isAway = false;
    clock.advance(1);
    expect(await through()).toBe(40);
  });

  it('an operation dearer than the local share passes when nothing of it is spent, and then nobody for as long as it takes', async () => {
    const { admit, clock } = setUp({ rateLimits: [{ name: 'r', by: [], points: 100, windowMs: 10_000 }] }, () => true);
    expect((await admit({ price: price(50, 1) })).refused).toBeUndefined();
    expect((await admit({ price: price(1, 1) })).refused).toBe('RATE_LIMITED');
    clock.advance(45_000);
    expect((await admit({ price: price(6, 1) })).refused).toBe('RATE_LIMITED');
    expect((await admit({ price: price(5, 1) })).refused).toBeUndefined();
  });

  it('an operation dearer than the whole budget passes as little as with Redis', async () => {
    const { admit } = setUp({ rateLimits: [{ name: 'r', by: [], points: 1000, burst: 20 }] }, () => true);
    expect((await admit({ price: price(21, 1) })).error).toMatchObject({ code: 'LIMIT_COST', detail: { limit: 20 } });
    expect((await admit({ price: price(20, 1) })).refused).toBeUndefined();
  });

  it('a shadow that fails closed refuses nobody', async () => {
    expect(await setUp(requests({ fail: 'closed', shadow: true }), () => true).through()).toBe(50);
  });
});
