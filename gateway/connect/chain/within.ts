import type { GatewayError } from '../../errors.ts';
import { Ending } from '../../lib/ending.ts';
import type { Call, Caller, CallResult } from '../connector.ts';
import { abortFault } from './abort.ts';
import { LONGEST_WAIT_MS } from './wait.ts';

export type Within = {
  source: string;
  /** What the call is made with in place of its own. */
  change: Partial<Call>;
  /** Time the call may take, in ms; none ends it as soon as it was made. */
  ms: number;
  /** What it fails with when that is up. */
  late: () => GatewayError;
};

/**
 * Makes a call that ends in time. When its time is up, or nobody waits any more, the caller hears so at once, and whoever makes the
 * call is told by the signal; for who has left already nothing is begun. Neither timer nor listener is left behind.
 */
export function callWithin(next: Caller, call: Call, { source, change, ms, late }: Within): Promise<CallResult> {
  if (call.signal.aborted) return Promise.reject(abortFault(call.signal, source));
  const ending = new Ending();
  return new Promise<CallResult>((resolve, reject) => {
    const end = (fault: GatewayError): void => {
      reject(fault);
      ending.abort(fault);
    };
    const gone = (): void => end(abortFault(call.signal, source));
    const timer = setTimeout(() => end(late()), Math.min(Math.ceil(ms), LONGEST_WAIT_MS));
    const clear = (): void => {
      clearTimeout(timer);
      call.signal.removeEventListener('abort', gone);
    };
    call.signal.addEventListener('abort', gone, { once: true });
    next({ ...call, ...change, signal: ending }).then(
      (result) => {
        clear();
        resolve(result);
      },
      (error: unknown) => {
        clear();
        reject(error);
      },
    );
  });
}
