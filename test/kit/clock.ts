/** A clock that stands still until a test moves it. */
export type FakeClock = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  advance(ms: number): void;
};

export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let current = startMs;
  return {
    now: () => current,
    advance(ms) {
      current += ms;
    },
  };
}
