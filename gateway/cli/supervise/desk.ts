/**
 * Budgets of several workers: counted in one place, the memory of the supervisor, so that they hold over all of them, whichever a client
 * is connected to, and outlive each.
 */
import type { LimitStore, MemoryLimitStore, Taken } from '../../limit/store.ts';
import type { DeskLine } from './bus.ts';
import type { Desk } from './switchboard.ts';

type Work = 'take' | 'settle' | 'renew' | 'release';

/** The end of the supervisor. */
export function createLimitDesk(store: LimitStore): Desk {
  const works: Readonly<Record<Work, (body: never) => Promise<unknown>>> = store;
  return async (topic, body) => await works[topic as Work]?.(body as never);
}

/** The end of a worker. Nothing of it has to be carried over. */
export function createDeskLimits({ ask, tell }: DeskLine): MemoryLimitStore {
  const told = (work: Work) => async (body: unknown) => tell(work, body);
  return {
    take: async (wanted) => (await ask('take' satisfies Work, wanted)) as readonly Taken[],
    settle: told('settle'),
    renew: told('renew'),
    release: told('release'),
    carry: () => [],
    adopt: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
