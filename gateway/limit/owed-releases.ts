import type { LimitStore } from './store.ts';

type Release = Parameters<LimitStore['release']>[0][number];

/** Releases of one command. */
const BATCH = 100;

/** Places that could not be given back while the store was away: without this, who took them could not have others until their time is up. */
export type OwedReleases = {
  /** Remembers them; of too many the oldest are left to their time. */
  owe(leases: readonly Release[]): void;
  /** Gives back what is owed, as long as it can be. */
  pay(): void;
};

/**
 * @param max most that are remembered
 * @param release gives places back; false where that failed
 */
export function createOwedReleases(
  max: number,
  release: (leases: readonly Release[]) => Promise<boolean>,
): OwedReleases {
  const owed: Release[] = [];
  let isPaying = false;

  function owe(leases: readonly Release[]): void {
    owed.push(...leases);
    owed.splice(0, Math.max(0, owed.length - max));
  }

  async function payAll(): Promise<void> {
    for (;;) {
      const batch = owed.splice(0, BATCH);
      if (batch.length === 0) return;
      if (await release(batch)) continue;
      owe(batch);
      return;
    }
  }

  return {
    owe,
    pay() {
      if (isPaying || owed.length === 0) return;
      isPaying = true;
      void payAll().finally(() => {
        isPaying = false;
      });
    },
  };
}
