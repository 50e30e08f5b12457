import { median } from '../lib/stats.ts';
import type { Operation, Vary } from '../load/request.ts';
import { operationText } from '../load/request.ts';
import type { Plan } from '../plan.ts';
import { setupKey } from '../plan.ts';
import type { Startup } from '../session.ts';
import type { Cell } from '../types.ts';
import type { Machine } from './machine.ts';
import type { Row, Summary } from './summary.ts';

export type Server = { name: string; note: string; command: string; versions: Readonly<Record<string, string>> };

export type Report = {
  measuredAt: string;
  command: string;
  quick: boolean;
  reference: string;
  machine: Machine;
  plan: Plan;
  servers: readonly Server[];
  operations: Readonly<Record<string, Operation>>;
  startups: readonly Startup[];
  rows: readonly Row[];
  problems: readonly string[];
};

/** The report as a page: a table per query, start-up times, and everything one needs to judge the figures. */
export function renderReport(report: Report): string {
  const caseNames = [...new Set(report.rows.map(({ cell }) => cell.caseName))];
  return [
    '# Aggregation benchmark',
    '',
    `Measured ${report.measuredAt} by \`${report.command}\`. Only ratios between servers of this one run carry over to other machines.`,
    ...(report.quick ? ['This was a quick run: short rounds, fewer rows.'] : []),
    ...renderDisturbance(report),
    '',
    ...renderProblems(report),
    ...caseNames.flatMap((caseName) => renderCase(report, caseName)),
    ...renderStartups(report),
    ...renderMethod(report),
  ].join('\n');
}

const varyNames: Record<Vary, string> = {
  nothing: 'identical',
  operation: 'distinct operations',
  caller: 'distinct callers',
};

function variantName({ setup, vary }: Cell): string {
  return setup.forward ? `${varyNames[vary]}, forwarded` : varyNames[vary];
}

function renderCase(report: Report, caseName: string): string[] {
  const rows = report.rows.filter(({ cell }) => cell.caseName === caseName);
  const operation = report.operations[caseName];
  const header = ['requests', 'server', 'req/s', `× ${report.reference}`, 'p50 ms', 'p99 ms', 'CPU ms/req'];
  const columns = [...header, `× ${report.reference}`, 'calls/req', 'peak RSS MiB', 'failed'];
  const lines = rows.flatMap(({ cell, servers }) =>
    servers.map((one) => [
      variantName(cell),
      one.peer,
      `${number(one.requestsPerSecond)}${saturated(one) ? ' †' : ''}`,
      times(one.ratios.requestsPerSecond),
      number(one.p50Ms),
      number(one.p99Ms),
      number(one.cpuMsPerRequest),
      times(one.ratios.cpuMsPerRequest),
      number(one.upstreamCallsPerRequest),
      (one.peakRssBytes / 2 ** 20).toFixed(0),
      String(one.failures),
    ]),
  );
  return [
    `## ${caseName}`,
    '',
    ...(operation ? ['```graphql', operationText(operation, null), '```', ''] : []),
    ...table(columns, lines, 2),
    ...renderFailures(rows),
    '',
  ];
}

/** The server had time to spare while the other core had none: the figure is a lower bound. */
function saturated({ serverShare, loadShare }: Summary): boolean {
  return loadShare > 0.9 && serverShare < 0.9;
}

function renderFailures(rows: readonly Row[]): string[] {
  const failed = rows.flatMap(({ cell, servers }) =>
    servers
      .filter(({ failures }) => failures > 0)
      .map(
        (one) => `- ${one.peer}, ${variantName(cell)}: ${one.failures} requests failed; the first: \`${clip(one)}\``,
      ),
  );
  return failed.length === 0 ? [] : ['', ...failed];
}

function clip({ firstFailure }: Summary): string {
  return (firstFailure ?? 'unknown').replaceAll('`', "'").replaceAll(/\s+/g, ' ').slice(0, 200);
}

/** Above this share of one core, what else ran on the machine shows in the figures. */
const tolerableShare = 0.25;

function renderDisturbance({ rows }: Report): string[] {
  const share = otherShareOf(rows);
  if (share <= tolerableShare) return [];
  return [
    '',
    `**Disturbed:** other processes used up to ${percent(share)} of one core during a round; the figures are rough.`,
  ];
}

function otherShareOf(rows: readonly Row[]): number {
  return Math.max(0, ...rows.flatMap(({ servers }) => servers.map(({ otherShare }) => otherShare)));
}

function renderProblems({ problems }: Report): string[] {
  if (problems.length === 0) return [];
  return ['**Not measured:**', '', ...problems.map((problem) => `- ${problem.split('\n', 1)[0]?.slice(0, 300)}`), ''];
}

function renderStartups({ startups }: Report): string[] {
  const lines = startups.map((startup) => [
    setupKey(startup.setup),
    startup.peer,
    median(startup.ms).toFixed(0),
    startup.ms.map((ms) => ms.toFixed(0)).join(', '),
    (startup.rssBytes / 2 ** 20).toFixed(0),
  ]);
  return [
    '## Start-up',
    '',
    'From spawning the process to its first correct answer.',
    '',
    ...table(['setup', 'server', 'median ms', 'each', 'RSS then, MiB'], lines, 2),
    '',
  ];
}

function renderMethod({ machine, plan, servers, rows, reference }: Report): string[] {
  const all = rows.flatMap((row) => row.servers);
  const spreads = all.map(({ requestsPerSecondSpread }) => requestsPerSecondSpread);
  const forwarded = rows.filter(({ cell }) => cell.setup.forward).flatMap((row) => row.servers);
  return [
    '## How it was measured',
    '',
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.system}; Node ${machine.node} for servers, upstream and load generator.`,
    `- CPU pinning: ${machine.pinning}.`,
    `- Load: closed loop over keep-alive connections (posts: ${plan.connections.posts}, shop: ${plan.connections.shop}), one request in flight on each; ${plan.seconds} s of issuing after ${plan.warmupSeconds} s of warm-up (${plan.firstWarmupSeconds} s after a start), then the requests in flight are waited for and count. Connections are opened before, each with \`{__typename}\`.`,
    `- Each figure is the median of ${plan.rounds} rounds; within a setup all servers are up and take turns, round by round. Peak RSS is the largest of any round. Between rounds throughput differed by ${percent(median(spreads))} in the median row, ${percent(Math.max(0, ...spreads))} in the worst.`,
    '- Every answer is checked against data computed from the upstream’s own rows, before and during each round. Anything but a 2xx with exactly these data counts as failed; throughput, latency and costs are those of right answers.',
    '- CPU per request is user + system time of the server’s process tree from /proc; RSS that of the whole tree; calls are counted by the upstream itself.',
    `- Other processes used at most ${percent(otherShareOf(rows))} of one core during a round.`,
    '- † The load generator’s core had no time left while the server had: the server could do more.',
    '- *identical*: every request is the same. *distinct operations*: every request is another document (its own operation name and root alias). *distinct callers*: every request has an `authorization` header of its own, which the server keeps to itself or, in *forwarded*, sends upstream.',
    ...(forwarded.length === 0
      ? []
      : [
          `- In the forwarded rows the upstream saw the caller’s header on ${forwarded
            .map(
              (one) =>
                `${number(one.authorizedCallsPerRequest)} of ${number(one.upstreamCallsPerRequest)} calls per request (${one.peer})`,
            )
            .filter(unique)
            .join(', ')}.`,
        ]),
    '- The three posts queries, the POST body and the 100 connections are those of [graphql-benchmarks](https://github.com/tailcallhq/graphql-benchmarks); the upstream is an in-memory server with rows of the same shape on the same machine. There, `greet` is a constant inside of the server; here it is a REST call `/greet` for every server, because a gateway has no constants.',
    '- posts/users: every server joins by the bulk call `/users?id=…`, matched by id.',
    `- × ${reference}: the figure as a multiple of ${reference} in the same row; above 1 is better for req/s and worse for CPU.`,
    '',
    '## Servers',
    '',
    ...servers.flatMap((server) => [
      `- **${server.name}**: ${server.note} Started by \`${server.command}\`. ${Object.entries(server.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.`,
    ]),
    '',
  ];
}

function table(header: readonly string[], lines: readonly (readonly string[])[], textColumns: number): string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(header), row(header.map((_, index) => (index < textColumns ? '---' : '---:'))), ...lines.map(row)];
}

/** Three significant digits, no exponent; a dash for what is not known. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return value.toFixed(Math.abs(value) >= 0.1 || value === 0 ? 2 : 3);
}

function times(value: number | null): string {
  return value === null ? '–' : `${number(value)}×`;
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(0)} %` : '–';
}

function unique(text: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(text) === index;
}
