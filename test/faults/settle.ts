import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest wait for what has to go away by itself. */
const SETTLE_MS = 3000;

/** Waits for nothing to be left; gives what is. */
export async function settle(count: () => number): Promise<number> {
  const limit = Date.now() + SETTLE_MS;
  while (count() > 0 && Date.now() < limit) await nextTurn();
  return count();
}
