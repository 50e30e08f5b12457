import { expect, it } from 'vitest';
import type { QuotaState } from '../../../gateway/context.ts';
import { quotaHeaders } from '../../../gateway/limit/headers.ts';

const state = (rule: string, more: Partial<QuotaState> = {}): QuotaState => ({
  rule,
  limit: 100,
  windowMs: 60_000,
  remaining: 40,
  resetMs: 36_001,
  ...more,
});

it('says each rule with a window as an item: quota, window, what is left, seconds until it is whole', () => {
  expect(
    quotaHeaders([state('per-key'), state('all', { limit: 10.5, windowMs: 1500, remaining: 0, resetMs: 0 })]),
  ).toEqual({
    'ratelimit-policy': '"per-key";q=100;w=60, "all";q=10;w=2',
    ratelimit: '"per-key";r=40;t=37, "all";r=0;t=0',
  });
});

it('says of several budgets of a rule the one that has least, and nothing of limits without a window', () => {
  expect(quotaHeaders([state('a'), state('a', { remaining: 3 }), state('b', { windowMs: undefined })])).toEqual({
    'ratelimit-policy': '"a";q=100;w=60',
    ratelimit: '"a";r=3;t=37',
  });
  expect(quotaHeaders([state('b', { windowMs: undefined })])).toEqual({});
});
