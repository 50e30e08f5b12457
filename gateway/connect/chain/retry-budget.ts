import type { Call, CallRule } from '../connector.ts';

export type BudgetOptions = {
  /** Share of the calls that may be sent again, in percent. */
  budgetPercent: number;
  /** Repetitions it begins with, and the most it saves up. */
  budgetBurst: number;
};

/** How many more times calls of a source may be sent than there are calls: a token bucket that calls fill and repetitions empty. */
export type RetryBudget = {
  /** A call that may be repeated was made. */
  deposit(): void;
  /** Whether there is a repetition to be taken. */
  has(): boolean;
  /** Takes one repetition; false when there is none. */
  take(): boolean;
};

/** Hundredths of a repetition: whole numbers do not drift. */
const ONE = 100;

/**
 * Protects a source in trouble from a storm of repetitions: of n calls no more than n × (1 + percent / 100) + burst are sent,
 * however they fail.
 */
export function createRetryBudget({ budgetPercent, budgetBurst }: BudgetOptions): RetryBudget {
  const capacity = budgetBurst * ONE;
  let tokens = capacity;
  return {
    deposit() {
      tokens = Math.min(capacity, tokens + budgetPercent);
    },
    has: () => tokens >= ONE,
    take() {
      if (tokens < ONE) return false;
      tokens -= ONE;
      return true;
    },
  };
}

/** Fills the budget. Stands before the rules that draw on it. */
export function createBudgetRule(budget: RetryBudget, isIdempotent: (call: Call) => boolean): CallRule {
  return (next) => (call) => {
    if (isIdempotent(call)) budget.deposit();
    return next(call);
  };
}
