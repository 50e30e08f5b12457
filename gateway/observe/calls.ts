/** What records of calls say about requests to upstreams. */
import type { CallNotes, CallRecord } from '../context.ts';

/** Whether a call was answered without asking the upstream: by an equal call under way, or from the store. */
export function isSaved({
  cache,
  coalesced,
}: {
  cache?: CallNotes['cache'] | undefined;
  coalesced?: boolean | undefined;
}): boolean {
  return coalesced === true || cache === 'hit' || cache === 'stale' || cache === 'stale-if-error';
}

/** Requests to upstreams behind the records of an operation. */
export function countCalls(calls: readonly CallRecord[]): number {
  return calls.reduce((sum, call) => sum + (isSaved(call) ? 0 : (call.attempts ?? 1)), 0);
}
