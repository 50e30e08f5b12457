import { median, ratio, spread } from '../lib/stats.ts';
import type { Measurement } from '../measure.ts';
import type { Result, Startup } from '../session.ts';
import type { Cell } from '../types.ts';

/** The medians of one server in one row; `failures` adds up over the rounds, shares are the largest of any round. */
export type Summary = {
  peer: string;
  requestsPerSecond: number;
  requestsPerSecondSpread: number;
  p50Ms: number;
  p99Ms: number;
  cpuMsPerRequest: number;
  peakRssBytes: number;
  upstreamCallsPerRequest: number;
  authorizedCallsPerRequest: number;
  completed: number;
  failures: number;
  firstFailure: string | null;
  serverShare: number;
  loadShare: number;
  otherShare: number;
  /** This server as a multiple of ours in the same row; null where ours is missing. */
  ratios: { requestsPerSecond: number | null; p99Ms: number | null; cpuMsPerRequest: number | null };
};

export type Row = { cell: Cell; servers: readonly Summary[] };

/** Rows in the order of the plan, servers in the order of the run, each with its ratio to `reference`. */
export function summarize(results: readonly Result[], reference: string): Row[] {
  const cells = [...new Set(results.map(({ cell }) => cell))];
  return cells.map((cell) => {
    const servers = results.filter((result) => result.cell === cell).map(summarizeRounds);
    const base = servers.find(({ peer }) => peer === reference);
    return {
      cell,
      servers: servers.map((server) => ({
        ...server,
        ratios: {
          requestsPerSecond: ratio(server.requestsPerSecond, base?.requestsPerSecond),
          p99Ms: ratio(server.p99Ms, base?.p99Ms),
          cpuMsPerRequest: ratio(server.cpuMsPerRequest, base?.cpuMsPerRequest),
        },
      })),
    };
  });
}

/** The median start-up time of a server in one setup, in milliseconds. */
export function startupMs(startup: Startup): number {
  return median(startup.ms);
}

function summarizeRounds({ peer, rounds }: Result): Omit<Summary, 'ratios'> {
  const middle = (read: (round: Measurement) => number) => median(rounds.map(read));
  const largest = (read: (round: Measurement) => number) => Math.max(...rounds.map(read));
  const sum = (read: (round: Measurement) => number) => rounds.reduce((total, round) => total + read(round), 0);
  return {
    peer,
    requestsPerSecond: middle((round) => round.requestsPerSecond),
    requestsPerSecondSpread: spread(rounds.map((round) => round.requestsPerSecond)),
    p50Ms: middle((round) => round.p50Ms),
    p99Ms: middle((round) => round.p99Ms),
    cpuMsPerRequest: middle((round) => round.cpuMsPerRequest),
    peakRssBytes: largest((round) => round.peakRssBytes),
    upstreamCallsPerRequest: middle((round) => round.upstreamCallsPerRequest),
    authorizedCallsPerRequest: middle((round) => round.authorizedCallsPerRequest ?? Number.NaN),
    completed: sum((round) => round.completed),
    failures: sum(({ failures }) => failures.status + failures.answer + failures.network + failures.unfinished),
    firstFailure: rounds.find((round) => round.firstFailure !== null)?.firstFailure ?? null,
    serverShare: middle((round) => round.serverShare),
    loadShare: largest((round) => round.loadShare),
    otherShare: largest((round) => round.otherShare),
  };
}
