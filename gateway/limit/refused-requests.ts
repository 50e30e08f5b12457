import type { Principal, RequestContext } from '../context.ts';
import { chargesOf, type Rules } from './charges.ts';
import { createTake, type LimitWait, type TakingOptions } from './taking.ts';

/** Whose proof was refused is nobody. */
export const nobody: Principal = { kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] };

export type RefusedContext = Pick<RequestContext, 'peer' | 'path' | 'headers' | 'quota'> &
  LimitWait &
  Partial<Pick<RequestContext, 'principal' | 'operation' | 'price'>>;

/**
 * Counts a request that was refused before it came to its budgets: for a bad proof, a document that cannot be read, an operation that is
 * not valid, too large or not for who asks. It takes one from every rule that counts requests, so that nobody sends such at will. A rule
 * by address alone limits the guessing of keys, too: whoever has spent it learns no more than that, since good keys get the same answer.
 *
 * @throws GatewayError RATE_LIMITED, to be told in place of the fault
 */
export type CountRefused = (context: RefusedContext) => Promise<void>;

/** @returns undefined where no rule counts requests */
export function createCountRefused(
  { rateLimits }: Pick<Rules, 'rateLimits'>,
  taking: TakingOptions,
): CountRefused | undefined {
  const rules = { rateLimits: rateLimits.filter(({ cost }) => cost === 'requests'), concurrencyLimits: [] };
  if (rules.rateLimits.length === 0) return undefined;
  const take = createTake(taking);
  return async (context) => {
    const { peer, path, headers, principal = nobody, operation, price } = context;
    const charges = chargesOf(rules, { peer, path, headers, principal, operation, price }, () => '');
    if (charges.length > 0) await take(charges, context);
  };
}
