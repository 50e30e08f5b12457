import type { Timer } from '../lib/timer.ts';
import type { LimitStore, WantedLease } from './store.ts';

/** Renewed this often before they would end. */
const RENEWALS = 3;

/**
 * Keeps leases while an operation is under way, however long it takes, and gives them back at its end. A process that dies renews
 * nothing: its leases end by themselves.
 *
 * @returns what ends them
 */
export function keepLeases(
  store: Pick<LimitStore, 'renew' | 'release'>,
  leases: readonly WantedLease[],
  after: Timer,
): () => void {
  if (leases.length === 0) return () => undefined;
  const everyMs = Math.min(...leases.map(({ leaseMs }) => leaseMs)) / RENEWALS;
  let isOver = false;
  let stop: () => void;
  const renew = (): void => {
    // What fails is tried again at the next turn, or ends by itself.
    store.renew(leases).then(
      () => (isOver ? giveBack() : undefined),
      () => undefined,
    );
    stop = after(everyMs, renew);
  };
  const giveBack = (): void => void store.release(leases).catch(() => undefined);
  stop = after(everyMs, renew);
  return () => {
    isOver = true;
    stop();
    giveBack();
  };
}
