import { median } from '../lib/stats.ts';
import type { Vary } from '../load/request.ts';
import { operationText } from '../load/request.ts';
import type { Cell } from '../types.ts';
import { chartCase } from './chart.ts';
import { number, percent, table, times } from './format.ts';
import { otherShareOf, renderMethod, renderStartups } from './method.ts';
import type { Report } from './report.ts';
import type { Row, Summary } from './summary.ts';

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
    ...renderGlance(report),
    ...renderPicture(report),
    ...caseNames.flatMap((caseName) => renderCase(report, caseName)),
    ...renderStartups(report),
    ...renderMethod(report),
  ].join('\n');
}

/** One line per server: a multiple of ours for each query, the median over the ways of asking. */
function renderGlance({ rows, reference }: Report): string[] {
  const peers = [...new Set(rows.flatMap(({ servers }) => servers.map(({ peer }) => peer)))].filter(
    (peer) => peer !== reference,
  );
  const caseNames = [...new Set(rows.map(({ cell }) => cell.caseName))];
  const middle = (caseName: string, peer: string, figure: keyof Summary['ratios']) =>
    median(
      rows
        .filter(({ cell }) => cell.caseName === caseName)
        .flatMap(({ servers }) => servers.filter((one) => one.peer === peer))
        .map(({ ratios }) => ratios[figure] ?? Number.NaN),
    );
  const lines = peers.map((peer) => [
    peer,
    ...caseNames.flatMap((caseName) => [
      times(middle(caseName, peer, 'requestsPerSecond')),
      times(middle(caseName, peer, 'cpuMsPerRequest')),
    ]),
  ]);
  const columns = caseNames.flatMap((caseName) => [`${caseName} req/s`, `${caseName} CPU/req`]);
  return [`## As multiples of ${reference}`, '', ...table(['server', ...columns], lines, 1), ''];
}

/** The chart stands beside the page. */
function renderPicture({ rows }: Report): string[] {
  if (!rows.some(({ cell }) => cell.caseName === chartCase)) return [];
  return [`![${chartCase}: requests per second of every server, logarithmic scale](report.svg)`, ''];
}

const varyNames: Record<Vary, string> = {
  nothing: 'identical',
  operation: 'distinct operations',
  argument: 'distinct arguments',
  caller: 'distinct callers',
};

export function variantName({ setup, vary }: Cell): string {
  const { forward, latencyMs, signed } = setup;
  const more = [
    ...(forward ? ['forwarded'] : []),
    ...(latencyMs ? [`upstream ${latencyMs} ms`] : []),
    ...(signed ? ['signed'] : []),
  ];
  return [varyNames[vary], ...more].join(', ');
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

function renderProblems({ problems }: Report): string[] {
  if (problems.length === 0) return [];
  return ['**Not measured:**', '', ...problems.map((problem) => `- ${problem}`), ''];
}
