/**
 * A store that is never waited for longer than a request may wait: the limits go on without it, as their rules say, and come back to it
 * by themselves, few at first, so that they do not keep it from answering.
 */
import { createPatience, type PatienceOptions, type Waited } from '../lib/patience.ts';
import { createOwedReleases } from './owed-releases.ts';
import type { LimitStore, Taken, Wanted } from './store.ts';

export type GuardOptions = Omit<PatienceOptions, 'onBack'> & {
  /** Most places that are remembered while they cannot be given back (default 10,000). */
  readonly maxOwed?: number;
};

export type GuardedStore = Omit<LimitStore, 'take'> & {
  /**
   * As the store; undefined when it does not answer in time, is left alone, or is asked by as many as may wait. It never throws.
   *
   * @param waited what the request waited before, and waits here, all of it together no longer than `timeoutMs`
   */
  take(wanted: readonly Wanted[], waited?: Waited): Promise<readonly Taken[] | undefined>;
};

export function guardStore(store: LimitStore, { maxOwed = 10_000, ...options }: GuardOptions): GuardedStore {
  const patience = createPatience(options);
  const owed = createOwedReleases(maxOwed, (leases) => patience.tell(() => store.release(leases)));

  async function release(leases: Parameters<LimitStore['release']>[0]): Promise<void> {
    if (leases.length > 0 && !(await patience.tell(() => store.release(leases)))) owed.owe(leases);
  }

  /** Who asked went on without an answer: what the late one gave belongs to nobody. */
  function giveBack(wanted: readonly Wanted[], taken: readonly Taken[]): void {
    if (wanted.some(({ shadow }, index) => !shadow && taken[index]?.fits !== true)) return;
    const given = wanted.filter((_each, index) => taken[index]?.fits === true);
    const points = given.flatMap((each) =>
      each.kind === 'points' && each.points > 0 ? [{ ...each, points: -each.points }] : [],
    );
    if (points.length > 0) void patience.tell(() => store.settle(points));
    void release(given.flatMap((each) => (each.kind === 'lease' ? [each] : [])));
  }

  return {
    async take(wanted, waited) {
      const answer = await patience.ask(
        () => store.take(wanted),
        (taken) => giveBack(wanted, taken),
        waited,
      );
      if (answer) owed.pay();
      return answer?.value;
    },
    settle: async (changes) => void (await patience.tell(() => store.settle(changes))),
    renew: async (leases) => void (await patience.tell(() => store.renew(leases))),
    release,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
