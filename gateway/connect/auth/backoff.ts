/** Keeps what fails from being asked again at once. */
export type Backoff = {
  /** What it failed with last, while it is left alone. */
  failure(): unknown;
  failed(error: unknown): void;
  succeeded(): void;
};

const BASE_MS = 500;
const MAX_MS = 30_000;

/** How long is waited after so many failures in a row, in ms: it doubles from half a second to half a minute. */
export function pauseAfter(failures: number): number {
  return Math.min(MAX_MS, BASE_MS * 2 ** Math.min(failures - 1, 16));
}

/** @param now milliseconds since the epoch */
export function createBackoff(now: () => number): Backoff {
  let failures = 0;
  let until = 0;
  let last: unknown;
  return {
    failure: () => (failures > 0 && now() < until ? last : undefined),
    failed: (error) => {
      failures += 1;
      until = now() + pauseAfter(failures);
      last = error;
    },
    succeeded: () => {
      failures = 0;
      last = undefined;
    },
  };
}
