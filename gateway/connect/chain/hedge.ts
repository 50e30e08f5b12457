import type { HedgePolicy } from '../../config/rules.ts';
import { GatewayError } from '../../errors.ts';
import { Ending } from '../../lib/ending.ts';
import type { Call, Caller, CallResult, CallRule } from '../connector.ts';
import { abortFault } from './abort.ts';
import { createLatencies, type Latencies } from './latencies.ts';
import type { RetryBudget } from './retry-budget.ts';

export type HedgeOptions = {
  source: string;
  policy: HedgePolicy;
  /** A second attempt is a repetition like any other. */
  budget: RetryBudget;
  isRead: (call: Call) => boolean;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** Latencies remembered per operation. */
const SAMPLES = 128;

/**
 * Protects callers from the odd slow answer: a read that takes longer than nearly all before it is sent a second time, and the
 * first good answer counts (Dean and Barroso, "The Tail at Scale"). The other one is cancelled. What is not a read, and what the
 * budget does not allow, is sent once.
 *
 * Fails with the error of the first attempt when both fail.
 */
export function createHedgeRule({ source, policy, budget, isRead, now }: HedgeOptions): CallRule {
  const known = new Map<string, Latencies>();
  const latenciesOf = (operation: string): Latencies => {
    const latencies = known.get(operation) ?? createLatencies(SAMPLES);
    known.set(operation, latencies);
    return latencies;
  };
  return (next) => async (call) => {
    if (!isRead(call)) return await next(call);
    const latencies = latenciesOf(call.operation);
    const usual = latencies.percentile(policy.percentile, policy.minimumCalls);
    const start = now();
    const result = usual === undefined ? await next(call) : await race(call, next, Math.max(policy.minimumMs, usual));
    // The time until an answer came: of a slow first attempt no more is known.
    latencies.add(now() - start);
    return result;
  };

  function race(call: Call, next: Caller, afterMs: number): Promise<CallResult> {
    if (call.signal.aborted) return Promise.reject(abortFault(call.signal, source));
    const tried = call.tried ?? new Set<number>();
    return new Promise((resolve, reject) => {
      const attempts: Ending[] = [];
      const faults: unknown[] = [];
      const finish = (end: () => void): void => {
        clearTimeout(timer);
        call.signal.removeEventListener('abort', gone);
        end();
      };
      const cancel = (reason: unknown): void => {
        for (const attempt of attempts) attempt.abort(reason);
      };
      const gone = (): void => finish(() => cancel(abortFault(call.signal, source)));
      const send = (): void => {
        const attempt = new Ending();
        const number = attempts.push(attempt) - 1;
        next({ ...call, tried, signal: attempt }).then(
          (result) =>
            finish(() => {
              resolve(result);
              // Without effect on the one that has answered.
              cancel(new GatewayError('CLIENT_CLOSED', { source, cause: 'the other attempt answered first' }));
            }),
          (error: unknown) => {
            faults[number] = error;
            if (Object.keys(faults).length === attempts.length) finish(() => reject(faults[0]));
          },
        );
      };
      const timer = setTimeout(() => {
        if (!budget.take()) return;
        if (call.notes) call.notes.attempts = (call.notes.attempts ?? 1) + 1;
        send();
      }, afterMs);
      call.signal.addEventListener('abort', gone, { once: true });
      send();
    });
  }
}
