import { setTimeout } from 'node:timers/promises';

/** Waits for the promise, at most so long. */
export async function within(promise: Promise<void>, limitMs: number): Promise<void> {
  const over = new AbortController();
  const limit = setTimeout(Math.max(limitMs, 0), undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([promise, limit]);
  over.abort();
}
