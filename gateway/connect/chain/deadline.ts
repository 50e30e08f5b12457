import { GatewayError } from '../../errors.ts';
import type { CallRule } from '../connector.ts';
import { abortFault } from './abort.ts';
import { callWithin } from './within.ts';

export type DeadlineOptions = {
  source: string;
  /** Longest time of one call, in ms; without it only the request's budget counts. */
  deadlineMs: number | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/**
 * Protects callers from waiting for a source longer than they have. A call gets the time its source may take or what is left of
 * the request's budget, whichever is less; without any left it is not started. When time is up or the client has gone, the caller
 * hears so at once and the transport is told by the signal.
 *
 * Fails with DEADLINE_EXCEEDED when the request's budget is spent, UPSTREAM_TIMEOUT when the source used up its own, CLIENT_CLOSED
 * when nobody waits any more.
 */
export function createDeadlineRule({ source, deadlineMs, now }: DeadlineOptions): CallRule {
  return (next) => (call) => {
    if (call.signal.aborted) return Promise.reject(abortFault(call.signal, source));
    const start = now();
    const own = deadlineMs === undefined ? Number.POSITIVE_INFINITY : start + deadlineMs;
    const deadline = Math.min(own, call.deadline);
    const remainingMs = deadline - start;
    if (!(remainingMs > 0)) return Promise.reject(new GatewayError('DEADLINE_EXCEEDED', { source }));

    const isSourceTime = own < call.deadline || call.isSourceTime === true;
    const late = (): GatewayError =>
      new GatewayError(own < call.deadline ? 'UPSTREAM_TIMEOUT' : 'DEADLINE_EXCEEDED', { source });
    return callWithin(next, { ...call, deadline, isSourceTime }, { source, ms: remainingMs, late });
  };
}
