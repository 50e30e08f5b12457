/**
 * Where budgets and leases are kept. Every store does the same: one suite of tests holds all of them to it. Keys are ours (hashes of
 * what callers write), numbers are milliseconds.
 */

/** Points of a budget that fills up evenly (GCRA). */
export type WantedPoints = {
  readonly kind: 'points';
  readonly key: string;
  /** 0 asks whether there is anything left, and takes nothing. */
  readonly points: number;
  /** Time in which one point comes back. */
  readonly emissionMs: number;
  /** Time in which the whole budget comes back: what can be spent at once. */
  readonly depthMs: number;
  /** Whether it is counted but refuses nobody. */
  readonly shadow: boolean;
};

/** A place among so many that may be taken at once, until it is given back or its time is up. */
export type WantedLease = {
  readonly kind: 'lease';
  readonly key: string;
  /** Of the one who takes it. */
  readonly id: string;
  readonly max: number;
  readonly leaseMs: number;
  readonly shadow: boolean;
};

export type Wanted = WantedPoints | WantedLease;

export type Taken = {
  /** Whether this one alone would have been given. */
  readonly fits: boolean;
  /** Points: by how much time the budget is spent ahead. Leases: how many are taken. After this request where it was given, else as it stands. */
  readonly used: number;
};

/** Points to give back (below 0), or to take although they may not be there. */
export type Settlement = Pick<WantedPoints, 'key' | 'points' | 'emissionMs'>;

export type LimitStore = {
  /** Takes all that is wanted, or nothing when one that is no shadow does not fit. One entry for each, in their order. */
  take(wanted: readonly Wanted[]): Promise<readonly Taken[]>;
  settle(changes: readonly Settlement[]): Promise<void>;
  /** Keeps leases for another while; one that was lost meanwhile is taken again. */
  renew(leases: readonly WantedLease[]): Promise<void>;
  release(leases: readonly Pick<WantedLease, 'key' | 'id'>[]): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A store in this process's memory, which a process that takes over goes on with. */
export type MemoryLimitStore = LimitStore & {
  /** Budgets that are not full again yet: by key, when they will be, in ms since the epoch. Leases stay with whose they are. */
  carry(): readonly (readonly [key: string, fullAt: number])[];
  /** Goes on with budgets of another process; what is spent here already stays spent. */
  adopt(budgets: readonly (readonly [key: string, fullAt: number])[]): void;
};
