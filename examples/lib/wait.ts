/**
 * Waits, or stops waiting when the signal says so. The timer never outlives the wait.
 *
 * @param delayMs how long to wait
 * @param signal aborted when nobody needs the answer any more
 * @returns whether the whole time passed
 */
export async function wait(delayMs: number, signal: AbortSignal): Promise<'elapsed' | 'aborted'> {
  if (signal.aborted) {
    return 'aborted';
  }
  if (delayMs <= 0) {
    return 'elapsed';
  }
  return await new Promise((resolve) => {
    const timer = setTimeout(() => settle('elapsed'), delayMs);
    const abort = (): void => settle('aborted');
    signal.addEventListener('abort', abort, { once: true });

    function settle(outcome: 'elapsed' | 'aborted'): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve(outcome);
    }
  });
}
