/** What rules take of an operation before it runs, and what they take or give back when it has ended. */
import type { GatewayConfig } from '../config/schema.ts';
import type { CallRecord, RequestContext } from '../context.ts';
import { isSaved } from '../observe/calls.ts';
import { type Asked, budgetsOf, holds, type LimitRule } from './dimensions.ts';
import type { Settlement, Wanted, WantedLease, WantedPoints } from './store.ts';

/** The limit of one field, charged like a rule: its name is the field's coordinate, `Type.field`. */
export type FieldLimit = {
  readonly name: string;
  readonly isField: true;
  readonly fail: 'local';
  readonly shadow: false;
};

/** One budget that an operation is charged to. */
export type Charge = {
  readonly rule: LimitRule | FieldLimit;
  readonly wanted: Wanted;
  /** Where the rule keeps sources apart. */
  readonly source: string | undefined;
};

export type Rules = Pick<GatewayConfig, 'rateLimits' | 'concurrencyLimits'>;

/** @param randomId for leases */
export function chargesOf({ rateLimits, concurrencyLimits }: Rules, asked: Asked, randomId: () => string): Charge[] {
  const charges: Charge[] = [];
  for (const rule of rateLimits) {
    if (!holds(rule, asked)) continue;
    const emissionMs = rule.windowMs / rule.points;
    const depthMs = emissionMs * (rule.burst ?? rule.points);
    for (const { key, source } of budgetsOf(rule, asked)) {
      const points = amountOf(rule.cost, asked.price, source);
      charges.push({
        rule,
        source,
        wanted: { kind: 'points', key: `${key}:p`, points, emissionMs, depthMs, shadow: rule.shadow },
      });
    }
  }
  for (const rule of concurrencyLimits) {
    if (!holds(rule, asked)) continue;
    const { max, leaseMs, shadow } = rule;
    for (const { key, source } of budgetsOf(rule, asked))
      charges.push({ rule, source, wanted: { kind: 'lease', key: `${key}:l`, id: randomId(), max, leaseMs, shadow } });
  }
  return charges;
}

type CostKind = GatewayConfig['rateLimits'][number]['cost'];

function amountOf(cost: CostKind, price: Asked['price'], source: string | undefined): number {
  if (cost === 'requests') return 1;
  // What time its calls take is known when it has ended: until then it is only asked whether any is left.
  if (cost === 'upstreamMs') return 0;
  const amount = source === undefined ? price : price?.bySource.get(source);
  // An operation that could not be priced will not run, but it was asked.
  return cost === 'price' ? (amount?.points ?? 1) : (amount?.calls ?? 0);
}

type Ended = Pick<RequestContext, 'price' | 'cost'> & { readonly calls: readonly CallRecord[] };

/** What is to be put right in the budgets of points, now that it is known what the operation took. */
export function settlementsOf(charges: readonly Charge[], ended: Ended): Settlement[] {
  return charges.flatMap(({ rule, wanted, source }): Settlement[] => {
    if (wanted.kind !== 'points' || !('cost' in rule)) return [];
    const points = realAmount(rule.cost, ended, source) - wanted.points;
    return points === 0 ? [] : [{ key: wanted.key, points, emissionMs: wanted.emissionMs }];
  });
}

function realAmount(kind: CostKind, { price, cost, calls }: Ended, source: string | undefined): number {
  if (kind === 'requests') return 1;
  if (kind === 'upstreamMs') return upstreamMs(calls, source);
  if (price === undefined) return kind === 'price' ? 1 : 0;
  // Without an answer only calls were made.
  const real = cost ?? price.costOf(calls, null);
  const amount = source === undefined ? real : real.bySource.get(source);
  return (kind === 'price' ? amount?.points : amount?.calls) ?? 0;
}

function upstreamMs(calls: readonly CallRecord[], source: string | undefined): number {
  return calls.reduce((sum, call) => {
    const counts = !isSaved(call) && (source === undefined || call.source === source);
    return counts ? sum + call.ms : sum;
  }, 0);
}

/**
 * The part of a budget that one process gives out by itself. An operation that costs more than that part, but no more than the whole, is
 * let through when nothing of it is spent: in the long run it is the same.
 *
 * @param share of the whole, above 0, at most 1
 */
export function localShare(wanted: Wanted, share: number): Wanted {
  return wanted.kind === 'points' ? shareOfPoints(wanted, share) : shareOfLeases(wanted, share);
}

function shareOfPoints(wanted: WantedPoints, share: number): WantedPoints {
  const emissionMs = wanted.emissionMs / share;
  const most = Math.max(1, Math.min(wanted.points, wanted.depthMs / wanted.emissionMs));
  return { ...wanted, emissionMs, depthMs: Math.max(wanted.depthMs, emissionMs * most) };
}

function shareOfLeases(wanted: WantedLease, share: number): WantedLease {
  return { ...wanted, max: Math.max(1, Math.floor(wanted.max * share)) };
}
