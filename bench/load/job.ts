import type { Expectation } from './check.ts';
import type { Operation, Vary } from './request.ts';

/** One measurement for the load generator. `seconds` is how long requests are issued, `drainSeconds` how long it waits then. */
export type LoadJob = Expectation & {
  port: number;
  path: string;
  connections: number;
  seconds: number;
  drainSeconds: number;
  operation: Operation;
  vary: Vary;
};

/** Requests without a right answer, by what went wrong; each counts once. */
export type LoadFailures = { status: number; answer: number; network: number; unfinished: number };

/** `completed` counts right answers only; latencies are theirs. `elapsedMs` ends with the last answer. */
export type LoadResult = {
  completed: number;
  failures: LoadFailures;
  firstFailure: string | null;
  elapsedMs: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  bytesPerAnswer: number;
};
