import type { GatewayError } from '../../errors.ts';
import { Ending } from '../../lib/ending.ts';
import type { Call, Caller, CallResult } from '../connector.ts';
import { abortFault } from './abort.ts';
import { LONGEST_WAIT_MS } from './wait.ts';

export type Within = {
  source: string;
  /** Time the call may take, in ms; none ends it as soon as it was made. */
  ms: number;
  /** What it fails with when that is up. */
  late: () => GatewayError;
};

/**
 * Makes a call that ends in time. The call is the caller's own copy: it gets a signal of its own here. When its time is up, or nobody waits any more, the caller hears so at once, and whoever makes the
 * call is told by the signal; for who has left already nothing is begun. Neither timer nor listener is left behind.
 */
export function callWithin(next: Caller, own: Call, { source, ms, late }: Within): Promise<CallResult> {
  const { signal } = own;
  if (signal.aborted) return Promise.reject(abortFault(signal, source));
  const ending = new Ending();
  return new Promise<CallResult>((resolve, reject) => {
    const end = (fault: GatewayError): void => {
      reject(fault);
      ending.abort(fault);
    };
    const gone = (): void => end(abortFault(signal, source));
    const timer = setTimeout(() => end(late()), Math.min(Math.ceil(ms), LONGEST_WAIT_MS));
    const clear = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', gone);
    };
    signal.addEventListener('abort', gone, { once: true });
    own.signal = ending;
    next(own).then(
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
