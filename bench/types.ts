import type { Expectation } from './load/check.ts';
import type { Operation, Vary } from './load/request.ts';

export type WorkloadName = 'posts' | 'shop';

/**
 * How a server is set up: what it aggregates, and whether it sends the caller's `authorization` header upstream. With `latencyMs` the
 * upstream lets every answer wait so long; with `signed` every request bears a token that a server with policies asks for.
 */
export type Setup = { workload: WorkloadName; forward: boolean; latencyMs?: number; signed?: boolean };

/** One query of a workload and the value its root field must have, computed from the upstream's own rows. */
export type Case = Expectation & { name: string; operation: Operation };

/** Ports of the upstream services by source name, all on 127.0.0.1. */
export type UpstreamPorts = Readonly<Record<string, number>>;

/** A started server: where it answers, the root of its process tree, and the tail of what it printed. */
export type RunningServer = {
  url: string;
  pid: number;
  output: () => string;
  exited: () => boolean;
  stop: () => Promise<void>;
};

/**
 * A server under test: a folder in `bench/peers/` whose `peer.ts` exports `peer`. `note` is the sentence the report
 * prints about it; `install` makes everything a start needs and is free when that is there already; `start` returns as
 * soon as the process is spawned, so that the time to its first correct answer can be measured from outside.
 */
export type Peer = {
  name: string;
  note: string;
  command: string;
  setups: readonly Setup[];
  versions(): Promise<Readonly<Record<string, string>>>;
  install(): Promise<void>;
  start(setup: Setup, ports: { server: number; admin: number; upstream: UpstreamPorts }): Promise<RunningServer>;
};

/** One row of the report: a query of a setup, and what is made different in every request. */
export type Cell = { setup: Setup; caseName: string; vary: Vary };
