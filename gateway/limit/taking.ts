/** Takes from all budgets that an operation is charged to, where budgets are kept: in Redis, or as each rule says while Redis does not answer. */
import type { QuotaState, RequestContext } from '../context.ts';
import type { GatewayError } from '../errors.ts';
import { type Charge, localShare } from './charges.ts';
import { standingOf } from './gcra.ts';
import type { GuardedStore } from './guard.ts';
import { refusalOf, unchecked } from './refusal.ts';
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

/**
 * Takes all charges or none, and writes how the budgets stand into `quota`.
 *
 * @throws GatewayError RATE_LIMITED with the rule and when to come back, or LIMIT_COST where waiting would not help
 */
export type Take = (charges: readonly Charge[], told: Pick<RequestContext, 'quota'>) => Promise<Given>;

export function createTake({ stores, localSharePercent, onRefusal }: TakingOptions): Take {
  /** What was taken, and where; or why nothing was. */
  type Outcome = { held: readonly Charge[]; taken: readonly Taken[]; store: Given['store'] };

  async function ask(charges: readonly Charge[]): Promise<Outcome | { unchecked: string }> {
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

  return async (charges, told) => {
    const outcome = await ask(charges);
    if ('unchecked' in outcome) return refuse(outcome.unchecked, unchecked(outcome.unchecked));
    const { held, taken, store } = outcome;
    const unfit = held.flatMap((charge, index) => {
      const state = taken[index] as Taken;
      return state.fits ? [] : [{ charge, state }];
    });
    const refused = unfit.find(({ charge }) => !charge.wanted.shadow);
    for (const { charge } of unfit) if (charge.wanted.shadow) onRefusal({ rule: charge.rule.name, shadow: true });
    told.quota = {
      states: held.flatMap((charge, index) => (charge.wanted.shadow ? [] : [stateOf(charge, taken[index] as Taken)])),
      refusedBy: refused?.charge.rule.name,
    };
    if (refused) return refuse(refused.charge.rule.name, refusalOf(refused.charge, refused.state));
    return { charges: held.filter((_charge, index) => taken[index]?.fits === true), store };
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
