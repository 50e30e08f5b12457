import { type BreakerState, CLOSED, totalOf } from './breaker-state.ts';

/** One breaker: what it has seen, and what an operator made of it. */
export type Breaker = {
  readonly source: string;
  readonly operation: string;
  state: BreakerState;
  forced: 'open' | 'closed' | undefined;
  /** Whether failures open it, by the policy of the source; else an operator alone does. */
  isAutomatic: boolean;
};

/** A breaker as an operator sees it. */
export type BreakerStatus = {
  source: string;
  operation: string;
  /** Whether the policy lets failures open it; else it is only what an operator makes of it. */
  automatic: boolean;
  /** What it would be by itself. */
  state: BreakerState['kind'];
  /** What an operator made of it; absent when nobody did. */
  forced?: 'open' | 'closed';
  /** Calls and failures that the window of a closed breaker holds. */
  calls: number;
  failures: number;
  /** When an open one lets the next call through, in ms since the epoch. */
  until?: number;
};

export type HeldBreaker = Pick<Breaker, 'source' | 'operation'> & { forced: NonNullable<Breaker['forced']> };

/** What an operator wants: to hold one, or all of a source, open or closed, or with undefined to let it go. */
export type Forced = Pick<Breaker, 'source' | 'forced'> & { operation: string | undefined };

/** The breakers of all sources: they outlive the generation that uses them, so that a reload closes none. */
export type Breakers = {
  of(source: string, operation: string): Breaker;
  /** Those of all operations that are called, in the order in which they became known. */
  list(): BreakerStatus[];
  /** Those that an operator holds. */
  held(): HeldBreaker[];
  /** Holds what an operator held in another process, also where nothing is called yet. */
  adopt(held: readonly HeldBreaker[]): void;
  get(source: string, operation: string): BreakerStatus | undefined;
  /** Holds one open or closed, or with undefined lets it go; without an operation all of the source. @returns those that were known */
  force(source: string, operation: string | undefined, forced: Breaker['forced']): BreakerStatus[];
};

export type BreakersOptions = {
  /** Most breakers that are kept; those of further operations are not listed and last no longer than who uses them (default 10,000). */
  maxBreakers?: number;
};

export function createBreakers({ maxBreakers = 10_000 }: BreakersOptions = {}): Breakers {
  const known = new Map<string, Breaker>();
  const keyOf = (source: string, operation: string): string => `${source} ${operation}`;
  function of(source: string, operation: string): Breaker {
    const key = keyOf(source, operation);
    const found = known.get(key);
    if (found) return found;
    const breaker: Breaker = { source, operation, state: CLOSED, forced: undefined, isAutomatic: false };
    if (known.size < maxBreakers) known.set(key, breaker);
    return breaker;
  }
  return {
    of,
    held: () =>
      [...known.values()].flatMap(({ source, operation, forced }) => (forced ? [{ source, operation, forced }] : [])),
    adopt(held) {
      for (const { source, operation, forced } of held) of(source, operation).forced = forced;
    },
    list: () => [...known.values()].map(statusOf),
    get(source, operation) {
      const breaker = known.get(keyOf(source, operation));
      return breaker && statusOf(breaker);
    },
    force(source, operation, forced) {
      const meant = [...known.values()].filter(
        (each) => each.source === source && (operation === undefined || each.operation === operation),
      );
      for (const breaker of meant) {
        // Whoever lets go of a breaker wants it to begin anew.
        if (forced === undefined) breaker.state = { kind: 'closed', epoch: breaker.state.epoch + 1, parts: [] };
        breaker.forced = forced;
      }
      return meant.map(statusOf);
    },
  };
}

const SEVERITY: Readonly<Record<BreakerStatus['state'], number>> = { closed: 0, 'half-open': 1, open: 2 };

/** The breakers of several processes, each of which sees its own calls alone: the state of one is the worst that any of them has. */
export function unitedBreakers(lists: readonly (readonly BreakerStatus[])[]): BreakerStatus[] {
  const known = new Map<string, BreakerStatus>();
  for (const status of lists.flat()) {
    const key = `${status.source} ${status.operation}`;
    const before = known.get(key);
    if (!before) {
      known.set(key, { ...status });
      continue;
    }
    const [calls, failures] = [before.calls + status.calls, before.failures + status.failures];
    const worse = SEVERITY[status.state] > SEVERITY[before.state] ? status : before;
    const forced = before.forced ?? status.forced;
    known.set(key, { ...worse, calls, failures, ...(forced && { forced }) });
  }
  return [...known.values()];
}

function statusOf({ source, operation, state, forced, isAutomatic }: Breaker): BreakerStatus {
  return {
    source,
    operation,
    automatic: isAutomatic,
    state: state.kind,
    ...(forced !== undefined && { forced }),
    ...totalOf(state.kind === 'closed' ? state.parts : []),
    ...(state.kind === 'open' && { until: state.until }),
  };
}
