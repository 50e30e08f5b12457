/** Takes from all budgets that an operation is charged to, where budgets are kept: in Redis, or as each rule says while Redis does not answer. */
import type { QuotaState, RequestContext } from '../context.ts';
import type { GatewayError } from '../errors.ts';
import type { Waited } from '../lib/patience.ts';
import { type Charge, localShare } from './charges.ts';
import { standingOf } from './gcra.ts';
import type { GuardedStore } from './guard.ts';
import { refusalOf, unchecked, waitFor } from './refusal.ts';
import type { LimitStore, MemoryLimitStore, Taken } from './store.ts';

/** Where budgets are kept. */
export type LimitStores = {
  /** This process's memory. */
  readonly local: MemoryLimitStore;
  /** Redis, where it is configured; memory then only keeps a share while it does not answer. */
  readonly shared: GuardedStore | undefined;
} & AsyncDisposable;

export type TakingOptions = {
  readonly stores: { readonly local: LimitStore; readonly shared: LimitStores['shared'] };
  /** Of each budget, what memory gives out while Redis does not answer, in percent. */
  readonly localSharePercent: number;
  /** Told when a rule refuses, or would if it were no shadow. */
  readonly onRefusal: (event: { readonly rule: string; readonly shadow: boolean }) => void;
};

export type Given = {
  /** What was given; without those of shadow rules that would have refused. */
  readonly charges: readonly Charge[];
  /** Where it was taken from, and belongs back to. */
  readonly store: Pick<LimitStore, 'settle' | 'renew' | 'release'>;
};

/** The stage's own: how much of the time that a request may wait for budgets is gone, where it asks more than once. */
export type LimitWait = { limitWait?: Waited | undefined };

/** `quota` is written. */
export type Told = Pick<RequestContext, 'quota'> & LimitWait;

/**
 * Takes all charges or none, and writes how the budgets of rules stand into `quota`. Of several that refuse, the one is told that takes
 * longest to let it through.
 *
 * @throws GatewayError RATE_LIMITED with the rule and when to come back, or LIMIT_COST where waiting would not help
 */
export type Take = (charges: readonly Charge[], told: Told) => Promise<Given>;

export function createTake({ stores, localSharePercent, onRefusal }: TakingOptions): Take {
  /** What was taken, and where; or why nothing was. */
  type Outcome = { held: readonly Charge[]; taken: readonly Taken[]; store: Given['store'] };

  async function ask(charges: readonly Charge[], { limitWait }: Told): Promise<Outcome | { unchecked: string }> {
    const { local, shared } = stores;
    const wanted = charges.map((charge) => charge.wanted);
    if (!shared) return { held: charges, taken: await local.take(wanted), store: local };
    const taken = await shared.take(wanted, limitWait);
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

  return async (charges, told) => {
    const outcome = await ask(charges, told);
    if ('unchecked' in outcome) return refuse(outcome.unchecked, unchecked(outcome.unchecked));
    const { held, taken, store } = outcome;
    const unfit = held.flatMap((charge, index) => {
      const state = taken[index] as Taken;
      return state.fits ? [] : [{ charge, state, waitMs: waitFor(charge, state) }];
    });
    const refusing = unfit.filter(({ charge }) => !charge.wanted.shadow);
    const longestMs = Math.max(...refusing.map(({ waitMs }) => waitMs));
    const refused = refusing.find(({ waitMs }) => waitMs === longestMs);
    for (const { charge } of unfit) if (charge.wanted.shadow) onRefusal({ rule: charge.rule.name, shadow: true });
    told.quota = {
      states: held.flatMap((charge, index) => (isTold(charge) ? [stateOf(charge, taken[index] as Taken)] : [])),
      refusedBy: refused?.charge.rule.name,
    };
    if (refused) return refuse(refused.charge.rule.name, refusalOf(refused.charge, refused.state));
    return { charges: held.filter((_charge, index) => taken[index]?.fits === true), store };
  };
}

/** What a shadow or a field has left stands in no header. */
function isTold({ rule, wanted }: Charge): boolean {
  return !wanted.shadow && !('isField' in rule);
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
