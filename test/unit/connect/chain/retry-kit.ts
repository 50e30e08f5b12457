/** What the tests of repeated calls share: the rule over a transport that fails as it is told to. */
import { retry as retrySchema } from '../../../../gateway/config/rules.ts';
import { composeRules } from '../../../../gateway/connect/chain/compose.ts';
import { createRetryRule } from '../../../../gateway/connect/chain/retry.ts';
import { createBudgetRule, createRetryBudget } from '../../../../gateway/connect/chain/retry-budget.ts';
import type { Call, Caller } from '../../../../gateway/connect/connector.ts';
import { resultOf } from './kit.ts';

/** When the clock of these tests begins. */
export const START = 1_000_000;

export function world(given: Parameters<typeof retrySchema.parse>[0] = {}, random = () => 0) {
  const policy = retrySchema.parse(given);
  const budget = createRetryBudget(policy);
  const isIdempotent = (call: Call): boolean => call.idempotent;
  const sent: number[] = [];
  const next: { run: Caller } = { run: async () => resultOf(1) };
  const retry = createRetryRule({ source: 'shop', policy, budget, isIdempotent, now: Date.now, random });
  const caller = composeRules([createBudgetRule(budget, isIdempotent), retry], (call) => {
    sent.push(Date.now() - START);
    return next.run(call);
  });
  return { caller, next, sent };
}

/** Fails with these, one after the other, and then answers. */
export const failing =
  (...faults: unknown[]): Caller =>
  async () => {
    const fault = faults.shift();
    if (fault !== undefined) throw fault;
    return resultOf('well');
  };
