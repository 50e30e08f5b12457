import { setImmediate as nextTurn } from 'node:timers/promises';

/** Waits turn by turn until something is so; a test that waits for what never comes fails by itself. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error('this never happened');
    await nextTurn();
  }
}
