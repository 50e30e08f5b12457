import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';

/** A call that is about to be made: its source, its root field there, and the field that asks for it, as `Type.field`. */
export type AskedCall = { readonly source: string; readonly operation: string; readonly coordinate: string };

/** Most calls that one operation, or one event of a subscription, may ask for. */
export type CallLimits = { readonly maxCallsPerOperation: number; readonly maxCallsPerSource: number };

/**
 * Protects sources from operations that multiply: counts a call that a field asks for, before any rule about calls sees it, so that
 * what is shared or answered from the store counts too, and what a rule sends again does not. The field beyond the limit fails;
 * what others were answered stays.
 *
 * @throws GatewayError LIMIT_CALLS, with the field's coordinate and the limit
 */
export function countCall(
  context: Pick<RequestContext, 'asked'>,
  { source, coordinate }: Pick<AskedCall, 'source' | 'coordinate'>,
  { maxCallsPerOperation, maxCallsPerSource }: CallLimits,
): void {
  context.asked ??= { total: 0, bySource: new Map() };
  const { asked } = context;
  const ofSource = asked.bySource.get(source) ?? 0;
  if (asked.total >= maxCallsPerOperation) throw tooMany(source, coordinate, `${maxCallsPerOperation}`);
  if (ofSource >= maxCallsPerSource) throw tooMany(source, coordinate, `${maxCallsPerSource} to ${source}`);
  asked.total += 1;
  asked.bySource.set(source, ofSource + 1);
}

function tooMany(source: string, coordinate: string, limit: string): GatewayError {
  const message = `${coordinate} asks for too many calls: one operation may make ${limit}. Select fewer fields or shorter lists.`;
  return new GatewayError('LIMIT_CALLS', { source, message });
}
