import type { Dimension } from '../config/rate-limits.ts';
import type { RequestContext } from '../context.ts';
import { type Charge, chargesOf, type Rules } from './charges.ts';
import { nobody } from './refused-requests.ts';
import { createTake, type LimitWait, type TakingOptions } from './taking.ts';

/** What is known of a request before it is known who asks. */
export type Unidentified = Pick<RequestContext, 'peer' | 'path' | 'headers'> &
  LimitWait & { readonly byOperator?: boolean | undefined };

const KNOWN: readonly Dimension[] = ['ip', 'path', 'apiVersion'];

/**
 * Asks rules by address, before the proof of a request is sent to somebody else, whether they would let it through: those that hold
 * whoever it turns out to be. While that one is asked, a request is held of each that counts requests, so that no more are under way than
 * there are left; given back then, since what the request takes is counted when it is known what it is. How long it waited is noted, so
 * that it waits no longer than the rest of its time then.
 *
 * @returns what gives back what is held
 * @throws GatewayError RATE_LIMITED
 */
export type HoldAddress = (request: Unidentified) => Promise<() => void>;

/** @returns undefined where no rule is like that */
export function createHoldAddress(
  { rateLimits }: Pick<Rules, 'rateLimits'>,
  taking: TakingOptions,
): HoldAddress | undefined {
  const rules = { rateLimits: rateLimits.filter(holdsForAnybody), concurrencyLimits: [] };
  if (rules.rateLimits.length === 0) return undefined;
  // The refusal is counted, and told, where the request ends.
  const take = createTake({ ...taking, onRefusal: () => undefined });
  return async (request) => {
    const { peer, path, headers, byOperator } = request;
    if (byOperator === true) return () => undefined;
    request.limitWait = { goneMs: 0 };
    const asked = { peer, path, headers, principal: nobody, operation: undefined, price: undefined };
    const charges = chargesOf(rules, asked, () => '').map(asHeld);
    const given = await take(charges, { quota: undefined, limitWait: request.limitWait });
    const back = given.charges.flatMap(({ wanted }) =>
      wanted.kind === 'points' && wanted.points > 0 ? [{ ...wanted, points: -wanted.points }] : [],
    );
    return () => {
      if (back.length > 0) given.store.settle(back).catch(() => undefined);
    };
  };
}

function holdsForAnybody({ by, match, shadow }: Rules['rateLimits'][number]): boolean {
  const { paths: _paths, apiVersions: _versions, ...ofWhoAsks } = match;
  const isOpen = Object.values(ofWhoAsks).every((list) => list === undefined);
  return !shadow && isOpen && by.includes('ip') && by.every((dimension) => KNOWN.includes(dimension));
}

/** Prices are known later: of other budgets it is only asked whether any is left. */
function asHeld(charge: Charge): Charge {
  const { rule, wanted } = charge;
  if (wanted.kind !== 'points' || !('cost' in rule)) return charge;
  return { ...charge, wanted: { ...wanted, points: rule.cost === 'requests' ? 1 : 0 } };
}
