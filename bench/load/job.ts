import { setMaxListeners } from 'node:events';
import { createHistogram, percentile, record } from '../lib/histogram.ts';
import type { Expectation } from './check.ts';
import { createAnswerCheck } from './check.ts';
import type { ConnectionOwner } from './connection.ts';
import { runConnection } from './connection.ts';
import type { Operation, Vary } from './request.ts';
import { fillTemplate, requestTemplate } from './request.ts';

/** How often a connection is opened again when a server drops it: enough for a bad server, too few to spin for ever. */
const maxReconnects = 100;

/** One measurement for the load generator. `seconds` is how long requests are issued, `drainSeconds` how long it waits then. */
export type LoadJob = Expectation & {
  port: number;
  path: string;
  connections: number;
  seconds: number;
  drainSeconds: number;
  operation: Operation;
  vary: Vary;
  /** What every request bears, where callers are not what varies. */
  token?: string | null;
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

/** What a job needs from outside: serial numbers no request has had before, and a moment to read counters in between. */
export type JobRig = { nextSerial: () => string; ready: () => Promise<void> };

/**
 * A closed loop over keep-alive connections, one request in flight on each. All connections are opened first, with a
 * request that costs no upstream call; then nothing is in flight and `ready` is awaited. It stops issuing when the time is
 * up and waits for what is in flight: slow servers are measured by whole answers and nothing spills into the next round.
 */
export async function runJob(job: LoadJob, { nextSerial, ready }: JobRig): Promise<LoadResult> {
  const template = requestTemplate(job.port, job.path, job.operation, job.vary, job.token);
  const opening = requestTemplate(job.port, job.path, { rootField: '__typename', rest: '' }, 'nothing', job.token);
  const check = createAnswerCheck(job);
  const histogram = createHistogram();
  const failures: LoadFailures = { status: 0, answer: 0, network: 0, unfinished: 0 };
  let firstFailure: string | null = null;
  let answers = 0;
  let bytes = 0;
  let reconnects = job.connections * maxReconnects;
  let startedAt = performance.now();
  let stopAt = startedAt;
  let lastAnswerAt = startedAt;

  const fail = (kind: keyof LoadFailures, message: string) => {
    failures[kind] += 1;
    firstFailure ??= message;
  };
  const abandon = new AbortController();
  setMaxListeners(job.connections + 1, abandon.signal);
  let timer = setTimeout(() => abandon.abort(), job.drainSeconds * 1000);

  const owner: ConnectionOwner = {
    port: job.port,
    signal: abandon.signal,
    opening: fillTemplate(opening, ''),
    opened: createBarrier(job.connections, async () => {
      clearTimeout(timer);
      await ready();
      startedAt = performance.now();
      lastAnswerAt = startedAt;
      stopAt = startedAt + job.seconds * 1000;
      timer = setTimeout(() => abandon.abort(), (job.seconds + job.drainSeconds) * 1000);
    }),
    next: () => {
      const sentAt = performance.now();
      if (sentAt >= stopAt) return null;
      const serial = nextSerial();
      return { text: fillTemplate(template, serial), key: template.answerKey(serial), sentAt };
    },
    onAnswer: ({ status, body }, { key, sentAt }) => {
      lastAnswerAt = performance.now();
      answers += 1;
      bytes += body.length;
      const fault = status < 200 || status > 299 ? 'status' : check(body, key);
      if (fault === null) record(histogram, (lastAnswerAt - sentAt) * 1000);
      else if (fault === 'status') fail('status', `status ${status}: ${body.toString('utf8', 0, 300)}`);
      else fail('answer', fault);
    },
    onLost: (reason) => fail('network', reason),
    onAbandoned: () => fail('unfinished', 'no answer in the time left after the last request'),
    reconnect: () => {
      reconnects -= 1;
      return reconnects >= 0 && performance.now() < stopAt;
    },
  };
  await Promise.all(Array.from({ length: job.connections }, () => runConnection(owner)));
  clearTimeout(timer);

  return {
    completed: histogram.total,
    failures,
    firstFailure,
    elapsedMs: (failures.unfinished > 0 ? performance.now() : lastAnswerAt) - startedAt,
    p50Ms: percentile(histogram, 0.5) / 1000,
    p99Ms: percentile(histogram, 0.99) / 1000,
    maxMs: histogram.max / 1000,
    bytesPerAnswer: bytes / Math.max(1, answers),
  };
}

/** Lets everyone pass when the last of `count` has come and `open` is done. */
function createBarrier(count: number, open: () => Promise<void>): () => Promise<void> {
  const { promise, resolve, reject } = withResolvers();
  let missing = count;
  return () => {
    missing -= 1;
    if (missing === 0) open().then(resolve, reject);
    return promise;
  };
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers() {
  let resolve: () => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
