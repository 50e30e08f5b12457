/** Executions end with their signal, also those that do not listen to it. */
import { GatewayError } from '../errors.ts';
import type { Abortable } from '../lib/ending.ts';
import type { Closable } from '../lib/iterables.ts';

/** Time that an execution gets to end by itself after its signal has fired, so that what is there already is not lost. */
const graceMs = 250;

/**
 * The result, unless it is not there shortly after the signal fired.
 *
 * @throws GatewayError DEADLINE_EXCEEDED, CLIENT_CLOSED, or the one that the signal was aborted with
 */
export function endWith<T>(over: Abortable, result: T | Promise<T>): T | Promise<T> {
  if (!(result instanceof Promise)) return result;
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      timer = setTimeout(() => reject(faultOf(over)), graceMs);
    };
    if (over.aborted) abort();
    else over.addEventListener('abort', abort, { once: true });
    const forget = (): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', abort);
    };
    result.then(
      (value) => {
        forget();
        resolve(value);
      },
      (error: unknown) => {
        forget();
        reject(error);
      },
    );
  });
}

/** The same for results that come in parts: no part is waited for much longer than the signal allows. */
export function endEachWith<T>(over: Abortable, results: AsyncIterable<T>): Closable<T> {
  const iterator = results[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => await endWith(over, iterator.next()),
    return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
  };
}

function faultOf({ reason }: Abortable): GatewayError {
  if (reason instanceof GatewayError) return reason;
  const code = (reason as Error).name === 'TimeoutError' ? 'DEADLINE_EXCEEDED' : 'CLIENT_CLOSED';
  return new GatewayError(code, { cause: reason });
}
