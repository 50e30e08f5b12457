import type { Abortable } from '../../lib/ending.ts';
import { abortFault } from './abort.ts';

/** `setTimeout` takes no more (2³¹ − 1 ms). */
export const LONGEST_WAIT_MS = 2_147_483_647;

/** Waits so many ms. Fails with the signal's reason as soon as it is aborted, and leaves neither timer nor listener behind. */
export function wait(ms: number, signal: Abortable, source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortFault(signal, source));
    const gone = (): void => {
      clearTimeout(timer);
      reject(abortFault(signal, source));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', gone);
      resolve();
    }, ms);
    signal.addEventListener('abort', gone, { once: true });
  });
}
