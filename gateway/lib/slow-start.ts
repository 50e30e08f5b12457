/**
 * How many may wait for a store at once: few when it was away or is slow, more with each answer that comes in time, as TCP does with
 * what it sends (RFC 5681, slow start and congestion avoidance). All who came at once after a pause would be what makes it late again.
 */

export type SlowStartOptions = {
  /** Most that wait at once. */
  readonly most: number;
  /** Failures in a row after which the store is left alone, where it gave no sign of life for `silentMs` either. */
  readonly failures: number;
  readonly silentMs: number;
  /** For how long, in ms; then one asks it again. */
  readonly restMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** One who was let in; what came of it is told once. */
export type Entry = {
  /** An answer in time: room for one more. */
  inTime(): void;
  /** None yet, and nobody waits any longer. Where those are more than the answers in time, there is half the room. */
  late(): void;
  /** Not at all, at once: nobody waited, so that it says nothing about how many may. */
  failed(): void;
  /** None yet, but this process was busy itself and cannot tell whose fault it is. */
  unclear(): void;
};

export type SlowStart = {
  /** @returns undefined where there is no room, or the store is left alone */
  enter(): Entry | undefined;
  isResting(): boolean;
  /** Any answer, also one that nobody waits for any more: whoever answers is there. @returns whether it was thought to be away */
  alive(): boolean;
};

/** Beyond where it was late the last time room grows by this much with each answer: an eighth more with each round. */
const CAREFUL = 1 / 8;

export function createSlowStart({ most, failures, silentMs, restMs, now }: SlowStartOptions): SlowStart {
  let room = most;
  /** Up to here each answer makes room for one more. */
  let calm = most;
  let waiting = 0;
  /** Answers in time less late ones, since room was last changed; no more than wait at once, so that old ones do not count for long. */
  let balance = 0;
  /** Counts how often there was less room: those who were let in before are no reason for still less. */
  let era = 0;
  let failed = 0;
  let answeredAt = now();
  let restsUntil = Number.NEGATIVE_INFINITY;

  /** A clock that was set back must not make the rest longer. */
  const isResting = (): boolean => now() < restsUntil && restsUntil - now() <= restMs;

  function shrink(to: number): void {
    room = Math.max(1, Math.floor(to));
    calm = room;
    balance = 0;
    era += 1;
  }

  function countFailure(): void {
    failed += 1;
    if (failed < failures || now() - answeredAt < silentMs) return;
    restsUntil = now() + restMs;
    shrink(1);
    // That it was away does not say how much it bears.
    calm = most;
  }

  function grow(): void {
    balance = Math.min(balance + 1, room);
    room = Math.min(most, room + (room < calm ? 1 : CAREFUL));
  }

  function countLate(since: number): void {
    if (since === era) {
      balance = Math.min(balance, waiting) - 1;
      if (balance < 0) shrink(Math.min(room, waiting + 1) / 2);
    }
    countFailure();
  }

  function alive(): boolean {
    const wasAway = failed >= failures;
    failed = 0;
    answeredAt = now();
    restsUntil = Number.NEGATIVE_INFINITY;
    return wasAway;
  }

  return {
    isResting,
    alive,
    enter() {
      if (waiting + 1 > room || isResting()) return undefined;
      const since = era;
      waiting += 1;
      const leave = (count: () => void) => () => {
        waiting -= 1;
        count();
      };
      return {
        inTime: leave(grow),
        late: leave(() => countLate(since)),
        failed: leave(countFailure),
        unclear: leave(() => undefined),
      };
    },
  };
}
