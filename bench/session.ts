import type { Generator, Upstream } from './lib/child.ts';
import { startGenerator, startUpstream } from './lib/child.ts';
import { readTree } from './lib/proc.ts';
import type { Measurement, Target } from './measure.ts';
import { measure } from './measure.ts';
import type { Plan } from './plan.ts';
import { setupKey, setupsOf } from './plan.ts';
import { startServer } from './startup.ts';
import type { Case, Cell, Peer, Setup } from './types.ts';
import { workloads } from './workloads/index.ts';

/** What one server did in one row, round by round. */
export type Result = { cell: Cell; peer: string; rounds: readonly Measurement[] };

/** How long a server took from spawn to its first correct answer, and its memory right then. */
export type Startup = { setup: Setup; peer: string; ms: readonly number[]; rssBytes: number };

/** `problems` are servers that did not start or answered wrongly: their rows are missing, and the run fails. */
export type Outcome = { results: readonly Result[]; startups: readonly Startup[]; problems: readonly string[] };

export type Say = (line: string) => void;

type Rig = { upstream: Upstream; generator: Generator; say: Say };

/**
 * Runs the whole plan, one setup after the other; within a setup all servers are up and take turns.
 *
 * @param say gets a line for everything that was measured
 */
export async function runPlan(plan: Plan, peers: readonly Peer[], say: Say): Promise<Outcome> {
  await using generator = startGenerator();
  const results: Result[] = [];
  const startups: Startup[] = [];
  const problems: string[] = [];
  for (const setup of setupsOf(plan.cells)) {
    const cells = plan.cells.filter((cell) => setupKey(cell.setup) === setupKey(setup));
    const workload = workloads[setup.workload];
    await using upstream = await startUpstream(workload.upstream, setup.latencyMs);
    const cases = workload.createCases();
    const targets: Target[] = [];
    try {
      for (const peer of peers.filter((one) => supports(one, setup))) {
        try {
          const { target, startup } = await start(peer, setup, cases, plan.starts, { upstream, generator, say });
          targets.push(target);
          startups.push(startup);
        } catch (error) {
          problems.push(error instanceof Error ? error.message : String(error));
          say(`! ${peer.name} does not serve ${setupKey(setup)}`);
        }
      }
      for (const [index, cell] of cells.entries()) {
        const warmupSeconds = index === 0 ? plan.firstWarmupSeconds : plan.warmupSeconds;
        results.push(
          ...(await runCell({ ...plan, warmupSeconds }, cell, cases, targets, { upstream, generator, say })),
        );
      }
    } finally {
      await Promise.all(targets.map(({ server }) => server.stop()));
    }
  }
  return { results, startups, problems };
}

async function start(
  peer: Peer,
  setup: Setup,
  cases: readonly Case[],
  starts: number,
  { upstream, say }: Rig,
): Promise<{ target: Target; startup: Startup }> {
  const ms: number[] = [];
  for (;;) {
    const { target, startupMs } = await startServer(peer, setup, cases, upstream.ports);
    ms.push(startupMs);
    say(`  ${peer.name} serves ${setupKey(setup)} after ${startupMs.toFixed(0)} ms`);
    if (ms.length < starts) await target.server.stop();
    else return { target, startup: { setup, peer: peer.name, ms, rssBytes: readTree(target.server.pid).rssBytes } };
  }
}

async function runCell(
  plan: Plan,
  cell: Cell,
  cases: readonly Case[],
  targets: readonly Target[],
  rig: Rig,
): Promise<Result[]> {
  const oneCase = cases.find(({ name }) => name === cell.caseName);
  if (!oneCase) throw new Error(`the workload ${cell.setup.workload} has no query ${cell.caseName}`);
  const rounds = new Map<string, Measurement[]>(targets.map(({ peer }) => [peer.name, []]));
  for (let round = -1; round < plan.rounds; round += 1) {
    // The first turn is the warm-up; afterwards everyone comes first once, last once.
    for (const target of rotate(targets, Math.max(0, round))) {
      const seconds = round < 0 ? plan.warmupSeconds : plan.seconds;
      const load = { connections: plan.connections[cell.setup.workload], seconds, drainSeconds: plan.drainSeconds };
      const measured = await measure(target, oneCase, cell, load, rig);
      if (round < 0) continue;
      rounds.get(target.peer.name)?.push(measured);
      rig.say(
        `  ${setupKey(cell.setup)} ${cell.caseName} ${cell.vary} #${round + 1} ${target.peer.name}: ` +
          `${measured.requestsPerSecond.toFixed(0)} req/s, p99 ${measured.p99Ms.toFixed(1)} ms` +
          (measured.firstFailure === null ? '' : ` – ${measured.firstFailure.slice(0, 200)}`),
      );
    }
  }
  return [...rounds].map(([peer, measurements]) => ({ cell, peer, rounds: measurements }));
}

function supports(peer: Peer, setup: Setup): boolean {
  // How long the upstream takes is nothing that a server is set up for.
  const { latencyMs: _, ...wanted } = setup;
  return peer.setups.some((one) => setupKey(one) === setupKey(wanted));
}

function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
