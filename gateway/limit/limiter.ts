import type { RequestContext } from '../context.ts';
import type { Timer } from '../lib/timer.ts';
import { type Charge, chargesOf, type Rules, settlementsOf } from './charges.ts';
import { createEventBudget } from './event-budget.ts';
import { keepLeases } from './leases.ts';
import { createTake, type LimitWait, type TakingOptions } from './taking.ts';

export type LimiterOptions = TakingOptions & {
  readonly rules: Rules;
  readonly after: Timer;
  readonly randomId: () => string;
};

export type LimitedContext = Pick<
  RequestContext,
  | 'peer'
  | 'path'
  | 'principal'
  | 'headers'
  | 'operation'
  | 'price'
  | 'cost'
  | 'calls'
  | 'quota'
  | 'atEnd'
  | 'eventBudget'
> &
  LimitWait;

/**
 * Takes what an operation is going to cost from every budget that it is charged to, all at once or nothing, and puts that right when it
 * has ended. What events of a subscription take is charged as they come.
 *
 * @param fields charges of fields that it selects, beside those of rules
 * @throws GatewayError RATE_LIMITED with the rule and when to come back, or LIMIT_COST where waiting would not help
 */
export type Limiter = (context: LimitedContext, fields?: readonly Charge[]) => Promise<void>;

export function createLimiter({ rules, after, randomId, ...taking }: LimiterOptions): Limiter {
  const take = createTake(taking);

  return async (context, fields = []) => {
    const charges = [...chargesOf(rules, context, randomId), ...fields];
    if (charges.length === 0) return;
    const given = await take(charges, context);
    if (context.operation?.kind === 'subscription') context.eventBudget = createEventBudget(charges, context, take);
    const leases = given.charges.flatMap(({ wanted }) => (wanted.kind === 'lease' ? [wanted] : []));
    const endLeases = keepLeases(given.store, leases, after);
    context.atEnd ??= new Set();
    context.atEnd.add(() => {
      endLeases();
      const changes = settlementsOf(given.charges, context);
      // Nobody waits: what is lost comes back with time.
      if (changes.length > 0) given.store.settle(changes).catch(() => undefined);
    });
  };
}
