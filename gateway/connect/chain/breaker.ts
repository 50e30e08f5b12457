import type { BreakerPolicy } from '../../config/rules.ts';
import { GatewayError } from '../../errors.ts';
import type { CallRule } from '../connector.ts';
import { admit, settle } from './breaker-state.ts';
import type { Breaker, Breakers } from './breakers.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** When to come again to what an operator holds: as good as any time. */
const HELD_MS = 5000;

export type BreakerOptions = {
  source: string;
  policy: BreakerPolicy;
  /** Operations whose breakers are known before they are called, so that an operator can see and hold them. */
  operations?: readonly string[];
  breakers: Breakers;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/**
 * Protects a source that is in trouble from more calls, and callers from waiting for it (the circuit breaker of Nygard,
 * "Release It!"). Each operation has its own. Faults of the transport, failures and unreadable answers count, and calls that took
 * longer than `slowMs`; what the source rejected, and clients that left, do not.
 *
 * Fails with CIRCUIT_OPEN, which says in Retry-After when to come again.
 */
export function createBreakerRule({ source, policy, operations = [], breakers, now }: BreakerOptions): CallRule {
  const { slowMs = Number.POSITIVE_INFINITY } = policy;
  const own = breakersOf({ source, operations, breakers }, true);
  return (next) => async (call) => {
    const breaker = own.get(call.operation) ?? breakers.of(source, call.operation);
    if (breaker.forced === 'closed') return await next(call);
    if (breaker.forced === 'open') throw rest(source, policy.openMs);
    const start = now();
    const admission = admit(breaker.state, start, policy);
    breaker.state = admission.state;
    if ('retryAfterMs' in admission) throw rest(source, admission.retryAfterMs);

    const end = (verdict: Verdict): void => {
      const at = now();
      const judged = verdict !== 'neutral' && at - start > slowMs ? 'failed' : verdict;
      breaker.state = settle(breaker.state, admission.permit, judged, at, policy);
    };
    try {
      const result = await next(call);
      end('ok');
      return result;
    } catch (error) {
      const outOfTime = error instanceof GatewayError && error.code === 'DEADLINE_EXCEEDED';
      // The caller's budget says nothing, but a source that outlasts it may be slow all the same.
      end(outOfTime && now() - start > slowMs ? 'failed' : verdictOf(error));
      throw error;
    }
  };
}

export type HoldOptions = {
  source: string;
  /** Operations that an operator may hold. */
  operations: readonly string[];
  breakers: Breakers;
};

/**
 * Protects a source from calls that an operator does not want, where the policy has no breaker: an operation that is held open gets
 * none. Nothing else opens it.
 *
 * Fails with CIRCUIT_OPEN.
 */
export function createHoldRule(options: HoldOptions): CallRule {
  const { source } = options;
  const own = breakersOf(options, false);
  return (next) => (call) =>
    own.get(call.operation)?.forced === 'open' ? Promise.reject(rest(source, HELD_MS)) : next(call);
}

function breakersOf({ source, operations, breakers }: HoldOptions, isAutomatic: boolean): ReadonlyMap<string, Breaker> {
  return new Map(
    operations.map((name) => {
      const breaker = breakers.of(source, name);
      breaker.isAutomatic = isAutomatic;
      return [name, breaker];
    }),
  );
}

function rest(source: string, retryAfterMs: number): GatewayError {
  const headers = { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
  return new GatewayError('CIRCUIT_OPEN', { source, headers });
}
