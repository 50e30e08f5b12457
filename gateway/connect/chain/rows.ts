import type { CallBulk, Caller, CallResult, CallRule } from '../connector.ts';

/**
 * Protects joins from rows of others: what a bulk call brings is sorted by key, and rows that nobody asked for, or that have no key,
 * are dropped and counted. Calls that ask for no keys pass as they are.
 */
export function createRowsRule(): CallRule {
  return (next) => (call) => (call.bulk ? sorted(next, call, call.bulk) : next(call));
}

async function sorted(next: Caller, call: Parameters<Caller>[0], bulk: CallBulk): Promise<CallResult> {
  const result = await next(call);
  const { rows, unrequested } = bulk.rowsOf(result.data, bulk.keys);
  if (call.notes && unrequested > 0) call.notes.unrequested = unrequested;
  return { ...result, data: rows };
}
