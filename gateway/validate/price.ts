/** Whether an operation may cost what it is going to cost, and what clients are told of it. */
import type { CostLimits } from '../config/cost.ts';
import type { Price, RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';

export const PRICE_HEADER = 'x-tributary-price';
/** Of a request it asks for the cost, of an answer it says it. */
export const COST_HEADER = 'x-tributary-cost';

/** Fields that a refusal names. */
const NAMED = 3;

/**
 * @throws GatewayError LIMIT_COST with the dearest fields, LIMIT_PAGE_SIZE with the argument, VALIDATION_FAILED for a list without its
 * slicing argument
 */
export function assertPrice(price: Price, { max }: Pick<CostLimits, 'max'>, pageSize: number): void {
  const page = price.pages.find(({ size }) => size > pageSize);
  if (page) {
    const message = `${page.coordinate} is asked for ${page.size} by ${page.argument}; at most ${pageSize} are allowed: ask for less.`;
    throw new GatewayError('LIMIT_PAGE_SIZE', {
      message,
      extensions: { coordinate: page.coordinate, limit: pageSize },
    });
  }
  const [list] = price.unsliced;
  if (list) {
    const message = `${list.coordinate} needs exactly one of ${list.anyOf.join(', ')}: say how long the list may get.`;
    throw new GatewayError('VALIDATION_FAILED', { message });
  }
  if (price.points <= max && !price.isTruncated) return;
  const dearest = price.parts
    .slice(0, NAMED)
    .map(({ coordinate, path, points, calls }) => ({ coordinate, path, points, calls }));
  const named = dearest.map(({ coordinate, points }) => `${coordinate} ${points}`).join(', ');
  const what = price.isTruncated
    ? 'The operation is too large to be priced'
    : `The operation costs ${price.points} points`;
  const message = `${what}; at most ${max} are allowed. Dearest: ${named}. Select fewer fields or shorter lists.`;
  throw new GatewayError('LIMIT_COST', { message, extensions: { price: price.points, limit: max, dearest } });
}

/** `extensions.cost`: how an operation was priced and what it cost. */
export type CostReport = {
  readonly price: number;
  readonly cost: number;
  readonly calls: { readonly predicted: number; readonly made: number };
  /** Where the price goes, dearest first; for who asks for it. */
  readonly parts?: Price['parts'];
  readonly truncated?: true;
};

/** What `x-tributary-cost` asks for: the figures, or where they come from, too. */
export type CostMode = 'figures' | 'parts';

/** How the request asks for its cost; undefined when it does not, or may not. */
export function costMode(
  { headers, principal, byOperator }: Pick<RequestContext, 'headers' | 'principal' | 'byOperator'>,
  { principals }: Pick<CostLimits, 'principals'>,
): CostMode | undefined {
  const asked = headers.get(COST_HEADER);
  if (asked === undefined || asked === '0' || asked === 'false') return undefined;
  if (byOperator !== true && !principals.includes(principal.id)) return undefined;
  return asked === 'parts' ? 'parts' : 'figures';
}

/**
 * Says what an operation really cost, once.
 *
 * @param data as `Price.costOf` takes it
 */
export function settleCost(context: Pick<RequestContext, 'price' | 'cost' | 'calls' | 'cached'>, data: unknown): void {
  const { price, calls, cached } = context;
  if (price === undefined || context.cost !== undefined) return;
  // Answered from the store of answers: there was next to nothing to do.
  const isKept = (cached?.outcome === 'hit' || cached?.outcome === 'stale') && calls.length === 0;
  context.cost = isKept
    ? { points: Math.min(1, price.points), calls: 0, bySource: new Map() }
    : price.costOf(calls, data);
}

/** The report of an operation that has ended; undefined when it could not be priced. */
export function reportCost(
  { price, cost }: Pick<RequestContext, 'price' | 'cost'>,
  mode: CostMode,
): CostReport | undefined {
  if (price === undefined) return undefined;
  const { points = 0, calls = 0 } = cost ?? {};
  return {
    price: price.points,
    cost: points,
    calls: { predicted: price.calls, made: calls },
    ...(mode === 'parts' && { parts: price.parts }),
    ...(price.isTruncated && { truncated: true }),
  };
}
