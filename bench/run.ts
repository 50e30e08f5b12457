import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, loadBefore } from './before.ts';
import { canPin, cores, root } from './lib/launch.ts';
import type { Options } from './options.ts';
import { parseOptions, usage } from './options.ts';
import { createParts } from './parts.ts';
import { loadPeer, ours, peerNames } from './peers.ts';
import { createPlan, quickPeers } from './plan.ts';
import { renderChange } from './report/before.ts';
import { renderChart } from './report/chart.ts';
import { describeMachine } from './report/machine.ts';
import { renderReport, variantName } from './report/markdown.ts';
import type { Report } from './report/report.ts';
import { summarize } from './report/summary.ts';
import { runPlan } from './session.ts';
import type { Peer } from './types.ts';
import { workloads } from './workloads/index.ts';

/** The benchmark: installs the peers, runs the plan on all of them, writes `report.md`, `report.svg` and `report.json`. */
async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args, peerNames());
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  if (canPin) spawnSync('taskset', ['-cp', String(cores.rest), String(process.pid)]);
  const isQuick = (name: string) => name.startsWith(ours) || quickPeers.includes(name);
  const isWanted = (name: string) => options.only.includes(name) || (!options.quick && options.only.length === 0);
  const names = peerNames().filter(
    (name) => isWanted(name) || (options.quick && options.only.length === 0 && isQuick(name)),
  );
  const all = await Promise.all((options.parts ? [ours] : names).map(loadPeer));
  if (options.parts) all.push(...createParts());
  try {
    // Beside what it became, so that both are measured under the same conditions.
    if (options.before !== null) all.splice(1, 0, await loadBefore(options.before));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
  const { peers, failures } = await installPeers(all);

  const startedAt = performance.now();
  const plan = createPlan(options.quick, options.seconds, options.rounds);
  const { results, startups, problems: found } = await runPlan(plan, peers, (line) => console.log(line));
  const problems = [...failures, ...found];
  const servers = peers.map(async ({ name, note, command, versions }) => ({
    name,
    note,
    command,
    versions: await versions(),
  }));
  const cases = Object.values(workloads).flatMap(({ createCases }) => createCases());
  const report: Report = {
    measuredAt: new Date().toISOString().slice(0, 10),
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    quick: options.quick,
    reference: ours,
    machine: describeMachine(),
    plan,
    servers: await Promise.all(servers),
    operations: Object.fromEntries(cases.map(({ name, operation }) => [name, operation])),
    startups,
    rows: summarize(results, ours),
    // The first line says what happened; what the server printed belongs to the terminal, not into a committed file.
    problems: problems.map((problem) => problem.split('\n', 1)[0]?.slice(0, 300) ?? ''),
  };
  const folder = options.out === null ? join(root, 'bench') : resolve(options.out);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.md'), renderReport(report));
  const chart = renderChart(report, variantName);
  if (chart !== null) writeFileSync(join(folder, 'report.svg'), chart);
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify({ ...report, rounds: results }, null, 2)}\n`);
  console.log(
    `report.md, report.svg and report.json written after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
  );
  if (options.before !== null) {
    console.log(`${ours} as a multiple of itself at ${options.before}:`);
    for (const line of renderChange(report.rows, { now: ours, before })) console.log(`  ${line}`);
  }
  for (const problem of problems) console.error(`not measured: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

/** A peer that cannot be installed is left out, and the run fails in the end; the others are measured all the same. */
async function installPeers(all: readonly Peer[]): Promise<{ peers: Peer[]; failures: string[] }> {
  const peers: Peer[] = [];
  const failures: string[] = [];
  for (const peer of all) {
    try {
      await peer.install();
      peers.push(peer);
    } catch (error) {
      failures.push(`${peer.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { peers, failures };
}

// Ends through `exit`, so that every server still running is taken along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
