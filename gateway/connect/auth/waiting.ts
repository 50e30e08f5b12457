import type { Abortable } from '../../lib/ending.ts';
import { abortFault } from '../chain/abort.ts';

/** The promise's outcome, or the abort's error as soon as the signal is aborted; what is waited for goes on. */
export function unlessAborted<T>(promise: Promise<T>, signal: Abortable, source: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(abortFault(signal, source));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
