import type { RetryPolicy } from '../../config/rules.ts';
import { GatewayError } from '../../errors.ts';
import type { Call, CallRule } from '../connector.ts';
import { abortFault } from './abort.ts';
import type { RetryBudget } from './retry-budget.ts';
import { LONGEST_WAIT_MS, wait } from './wait.ts';
import { callWithin } from './within.ts';

export type RetryOptions = {
  source: string;
  policy: Pick<RetryPolicy, 'attempts' | 'attemptMs' | 'baseMs' | 'maxMs'>;
  budget: RetryBudget;
  /** Whether sending the call twice does no more than sending it once. */
  isIdempotent: (call: Call) => boolean;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
};

/** Statuses of a failure that another attempt would only repeat. */
const HOPELESS = new Set<unknown>([501, 505, 510, 511, 'UNIMPLEMENTED', 'DATA_LOSS', 'CANCELLED']);

/**
 * Sends a call again that failed for a reason that may have passed: the source was not reached, failed, did not answer, or asked
 * to come later. Waits between the attempts, so that callers do not come back all at once (full jitter: AWS Architecture Blog,
 * "Exponential Backoff And Jitter"), and at least as long as Retry-After says. Nothing is begun that would not start before the
 * deadline, and the budget bounds how much is sent in all. What is not idempotent is sent once, and has all the time there is.
 *
 * An attempt that may be followed by others gets a part of the time, see `timeOfAttempt`: when it is up the attempt is cancelled,
 * so that a source that hangs leaves time to ask another address. The attempt's own deadline is what the source is told.
 *
 * Fails with what the last attempt failed with. An attempt that was cut off is UPSTREAM_TIMEOUT where the policy gave it its time; a
 * share of the request's time says nothing about the source and is DEADLINE_EXCEEDED.
 */
export function createRetryRule({ source, policy, budget, isIdempotent, now, random }: RetryOptions): CallRule {
  const isOurs = policy.attemptMs !== undefined;
  return (next) => async (call) => {
    if (!isIdempotent(call)) return await next(call);
    const tried = call.tried ?? new Set<number>();
    for (let attempt = 1; ; attempt += 1) {
      if (call.signal.aborted) throw abortFault(call.signal, source);
      const start = now();
      const follow = budget.has() ? policy.attempts - attempt : 0;
      const ms = timeOfAttempt(call.deadline - start, follow, policy.attemptMs);
      let cut: GatewayError | undefined;
      const late = (): GatewayError => {
        cut = new GatewayError(isOurs || call.isSourceTime ? 'UPSTREAM_TIMEOUT' : 'DEADLINE_EXCEEDED', { source });
        return cut;
      };
      try {
        if (call.notes) call.notes.attempts = (call.notes.attempts ?? 0) + 1;
        if (ms === undefined) return await next({ ...call, tried });
        return await callWithin(next, { ...call, tried, deadline: start + ms }, { source, ms, late });
      } catch (error) {
        const mayFollow = attempt < policy.attempts && !call.signal.aborted;
        if (!mayFollow || !(error instanceof GatewayError) || !(error === cut || mayPass(error))) throw error;
        const waitMs = waitBefore(attempt, retryAfterMs(error, now()), policy, random());
        if (waitMs > LONGEST_WAIT_MS || now() + waitMs >= call.deadline || !budget.take()) throw error;
        if (waitMs > 0) await wait(waitMs, call.signal, source);
      }
    }
  };
}

/**
 * How long one attempt may take, in ms; undefined for as long as the call. Without a time of its own it shares what is left with
 * those that may follow.
 *
 * @param leftMs until the call's deadline
 * @param follow how many attempts may follow it
 * @param own what the policy gives each attempt
 */
export function timeOfAttempt(leftMs: number, follow: number, own: number | undefined): number | undefined {
  const ms = own ?? (follow > 0 ? Math.ceil(leftMs / (follow + 1)) : leftMs);
  return ms < leftMs && ms > 0 ? ms : undefined;
}

/** Whether another attempt may end otherwise. Errors inside the answer of a GraphQL source are its considered opinion. */
function mayPass(error: GatewayError): boolean {
  switch (error.code) {
    case 'UPSTREAM_UNREACHABLE':
    case 'UPSTREAM_TIMEOUT':
    case 'UPSTREAM_RATE_LIMITED':
      return true;
    case 'UPSTREAM_FAILED': {
      const { upstreamStatus } = error.detail;
      return upstreamStatus !== undefined && !HOPELESS.has(upstreamStatus);
    }
    default:
      return false;
  }
}

/**
 * How long to wait after the attempt of that number, in ms: a random part of a time that doubles, on top of what the source asked.
 *
 * @param random from 0 up to, not including, 1
 */
export function waitBefore(
  attempt: number,
  retryAfter: number,
  { baseMs, maxMs }: Pick<RetryPolicy, 'baseMs' | 'maxMs'>,
  random: number,
): number {
  return retryAfter + Math.floor(random * Math.min(maxMs, baseMs * 2 ** (attempt - 1)));
}

/** How long a failure asks to wait, in ms: exactly, or by `Retry-After`, seconds or a date (RFC 9110 §10.2.3); 0 where it does not. */
export function retryAfterMs(
  { headers, retryAfterMs: exact }: Partial<Pick<GatewayError, 'headers' | 'retryAfterMs'>>,
  now: number,
): number {
  if (exact !== undefined) return exact;
  const text = headers?.['Retry-After'] ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // `Date.parse` takes much for a date.
  const ms = text.endsWith(' GMT') ? Date.parse(text) - now : 0;
  return ms > 0 ? ms : 0;
}
