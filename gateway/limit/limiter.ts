import type { QuotaState, RequestContext } from '../context.ts';
import type { GatewayError } from '../errors.ts';
import { type Charge, chargesOf, localShare, type Rules, settlementsOf } from './charges.ts';
import { standingOf } from './gcra.ts';
import type { GuardedStore, Timer } from './guard.ts';
import { keepLeases } from './leases.ts';
import { refusalOf, unchecked } from './refusal.ts';
import type { LimitStore, MemoryLimitStore, Taken } from './store.ts';

/** Where budgets are kept. */
export type LimitStores = {
  /** This process's memory. */
  readonly local: MemoryLimitStore;
  /** Redis, where it is configured; memory then only keeps a share while it does not answer. */
  readonly shared: GuardedStore | undefined;
} & AsyncDisposable;

export type LimiterOptions = {
  readonly rules: Rules;
  readonly stores: { readonly local: LimitStore; readonly shared: LimitStores['shared'] };
  /** Of each budget, what memory gives out while Redis does not answer, in percent. */
  readonly localSharePercent: number;
  readonly after: Timer;
  readonly randomId: () => string;
  /** Told when a rule refuses, or would if it were no shadow. */
  readonly onRefusal: (event: { readonly rule: string; readonly shadow: boolean }) => void;
};

export type LimitedContext = Pick<
  RequestContext,
  'peer' | 'path' | 'principal' | 'headers' | 'operation' | 'price' | 'cost' | 'calls' | 'quota' | 'atEnd'
>;

/**
 * Takes what an operation is going to cost from every budget that it is charged to, and puts that right when it has ended.
 *
 * @throws GatewayError RATE_LIMITED with the rule and when to come back, or LIMIT_COST where waiting would not help
 */
export type Limiter = (context: LimitedContext) => Promise<void>;

export function createLimiter(options: LimiterOptions): Limiter {
  const { rules, stores, localSharePercent, after, randomId, onRefusal } = options;

  /** What was taken, and where; or why nothing was. */
  type Outcome = { held: Charge[]; taken: readonly Taken[]; store: Pick<LimitStore, 'settle' | 'renew' | 'release'> };

  async function take(charges: Charge[]): Promise<Outcome | { unchecked: string }> {
    const { local, shared } = stores;
    const wanted = charges.map((charge) => charge.wanted);
    if (!shared) return { held: charges, taken: await local.take(wanted), store: local };
    const taken = await shared.take(wanted);
    if (taken) return { held: charges, taken, store: shared };
    const closed = charges.find(({ rule }) => rule.fail === 'closed' && !rule.shadow);
    if (closed) return { unchecked: closed.rule.name };
    const held = charges.flatMap((charge) =>
      charge.rule.fail === 'local' ? [{ ...charge, wanted: localShare(charge.wanted, localSharePercent / 100) }] : [],
    );
    return { held, taken: await local.take(held.map((charge) => charge.wanted)), store: local };
  }

  function refuse(rule: string, error: GatewayError): never {
    onRefusal({ rule, shadow: false });
    throw error;
  }

  return async (context) => {
    const charges = chargesOf(rules, context, randomId);
    if (charges.length === 0) return;
    const outcome = await take(charges);
    if ('unchecked' in outcome) return refuse(outcome.unchecked, unchecked(outcome.unchecked));
    const { held, taken, store } = outcome;
    const unfit = held.flatMap((charge, index) => {
      const state = taken[index] as Taken;
      return state.fits ? [] : [{ charge, state }];
    });
    const refused = unfit.find(({ charge }) => !charge.wanted.shadow);
    for (const { charge } of unfit) if (charge.wanted.shadow) onRefusal({ rule: charge.rule.name, shadow: true });
    context.quota = {
      states: held.flatMap((charge, index) => (charge.wanted.shadow ? [] : [stateOf(charge, taken[index] as Taken)])),
      refusedBy: refused?.charge.rule.name,
    };
    if (refused) return refuse(refused.charge.rule.name, refusalOf(refused.charge, refused.state));
    const given = held.filter((_charge, index) => taken[index]?.fits === true);
    const leases = given.flatMap(({ wanted }) => (wanted.kind === 'lease' ? [wanted] : []));
    const endLeases = keepLeases(store, leases, after);
    context.atEnd ??= new Set();
    context.atEnd.add(() => {
      endLeases();
      const changes = settlementsOf(given, context);
      // Nobody waits: what is lost comes back with time.
      if (changes.length > 0) store.settle(changes).catch(() => undefined);
    });
  };
}

function stateOf({ rule, wanted }: Charge, taken: Taken): QuotaState {
  if (wanted.kind === 'lease') {
    const remaining = Math.max(0, wanted.max - taken.used);
    return { rule: rule.name, limit: wanted.max, windowMs: undefined, remaining, resetMs: 0 };
  }
  const { remaining, resetMs } = standingOf(taken, wanted);
  const limit = 'points' in rule ? rule.points : 0;
  return { rule: rule.name, limit, windowMs: 'windowMs' in rule ? rule.windowMs : undefined, remaining, resetMs };
}
