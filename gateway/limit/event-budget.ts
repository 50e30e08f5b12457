import type { EventBudget, RequestContext } from '../context.ts';
import { type Charge, settlementsOf } from './charges.ts';
import type { Given, Take } from './taking.ts';

/**
 * What events of a subscription are charged to: the budgets of its operation that go by price, calls or time. One request was charged
 * when it began. What an event is going to take is not known before it: as long as anything is left it is executed, and then what it
 * really took is taken, so that who took more than there was waits until that has come back.
 *
 * @param charges those of the operation
 * @returns undefined where no budget counts events
 */
export function createEventBudget(
  charges: readonly Charge[],
  { price }: Pick<RequestContext, 'price'>,
  take: Take,
): EventBudget | undefined {
  const asking = charges.flatMap((charge): Charge[] => {
    const { rule, wanted } = charge;
    const counts = wanted.kind === 'points' && 'cost' in rule && rule.cost !== 'requests';
    return counts ? [{ ...charge, wanted: { ...wanted, points: 0 } }] : [];
  });
  if (asking.length === 0) return undefined;
  let given: Given | undefined;
  return {
    async ask() {
      given = await take(asking, { quota: undefined });
    },
    charge(calls, data) {
      if (!given) return;
      const changes = settlementsOf(given.charges, { price, cost: price?.costOf(calls, data), calls });
      if (changes.length > 0) given.store.settle(changes).catch(() => undefined);
    },
  };
}
