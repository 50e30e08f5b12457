import { expect, test } from 'vitest';
import type { Measurement } from '../../bench/measure.ts';
import { createPlan } from '../../bench/plan.ts';
import { renderChange } from '../../bench/report/before.ts';
import { renderChart } from '../../bench/report/chart.ts';
import { number } from '../../bench/report/format.ts';
import { renderReport, variantName } from '../../bench/report/markdown.ts';
import type { Report } from '../../bench/report/report.ts';
import { summarize } from '../../bench/report/summary.ts';
import type { Result } from '../../bench/session.ts';
import type { Cell } from '../../bench/types.ts';

const identical: Cell = { setup: { workload: 'posts', forward: false }, caseName: 'greet', vary: 'nothing' };
const forwarded: Cell = { setup: { workload: 'posts', forward: true }, caseName: 'greet', vary: 'caller' };

function round(values: Partial<Measurement>): Measurement {
  return {
    requestsPerSecond: 100,
    p50Ms: 1,
    p99Ms: 2,
    maxMs: 3,
    cpuMsPerRequest: 0.5,
    peakRssBytes: 2 ** 20,
    upstreamCallsPerRequest: 2,
    authorizedCallsPerRequest: 2,
    bytesPerAnswer: 10,
    completed: 300,
    failures: { status: 0, answer: 0, network: 0, unfinished: 0 },
    firstFailure: null,
    serverShare: 0.99,
    loadShare: 0.5,
    otherShare: 0.01,
    ...values,
  };
}

function rounds(cell: Cell, peer: string, ...values: Partial<Measurement>[]): Result {
  return { cell, peer, rounds: values.map(round) };
}

const results: Result[] = [
  rounds(identical, 'tributary', { requestsPerSecond: 90 }, { requestsPerSecond: 100 }, { requestsPerSecond: 400 }),
  rounds(
    identical,
    'slow',
    { requestsPerSecond: 10, cpuMsPerRequest: 5, peakRssBytes: 3 * 2 ** 20 },
    { requestsPerSecond: 20, cpuMsPerRequest: 5, peakRssBytes: 9 * 2 ** 20 },
    {
      requestsPerSecond: 30,
      cpuMsPerRequest: 6,
      failures: { status: 1, answer: 2, network: 0, unfinished: 4 },
      firstFailure: 'status 500:\n`oops`',
    },
  ),
  rounds(forwarded, 'slow', { serverShare: 0.4, loadShare: 0.97 }),
];

function report(values: Partial<Report> = {}): Report {
  return {
    measuredAt: '2026-01-02',
    command: 'npm run bench',
    quick: false,
    reference: 'tributary',
    machine: { cpu: 'Some CPU', cores: 2, memoryGib: 4, system: 'Linux', node: 'v20', pinning: 'none' },
    plan: createPlan(false, null),
    servers: [{ name: 'slow', note: 'A note.', command: 'slow start', versions: { 'some-package': '1.2.3' } }],
    operations: { greet: { rootField: 'greet', rest: '' } },
    startups: [{ setup: identical.setup, peer: 'slow', ms: [300, 100, 200], rssBytes: 50 * 2 ** 20 }],
    rows: summarize(results, 'tributary'),
    problems: [],
    ...values,
  };
}

test.each([
  [{}, 'identical'],
  [{ forward: true }, 'identical, forwarded'],
  [{ latencyMs: 20 }, 'identical, upstream 20 ms'],
  [{ signed: true }, 'identical, signed'],
])('a row of the setup %j is called %s', (setup, name) => {
  expect(variantName({ ...identical, setup: { ...identical.setup, ...setup } })).toBe(name);
});

test('a row holds medians, the largest memory, the sum of failures, and ratios to ours in the same row', () => {
  const [first, second] = summarize(results, 'tributary');
  expect(first?.servers.map(({ peer }) => peer)).toEqual(['tributary', 'slow']);
  expect(first?.servers[1]).toMatchObject({
    requestsPerSecond: 20,
    requestsPerSecondSpread: 1,
    cpuMsPerRequest: 5,
    peakRssBytes: 9 * 2 ** 20,
    failures: 7,
    ratios: { requestsPerSecond: 0.2, cpuMsPerRequest: 10, p99Ms: 1 },
  });
  expect(first?.servers[0]?.ratios.requestsPerSecond).toBe(1);
  expect(second?.servers[0]?.ratios).toEqual({ requestsPerSecond: null, cpuMsPerRequest: null, p99Ms: null });
});

test('the page shows a line per server and way, with ratios, failures and marks', () => {
  const page = renderReport(report());
  const lines = page.split('\n');
  expect(lines).toContain('| identical | tributary | 100 | 1.00× | 1.00 | 2.00 | 0.50 | 1.00× | 2.00 | 1 | 0 |');
  expect(lines).toContain('| identical | slow | 20.0 | 0.20× | 1.00 | 2.00 | 5.00 | 10.0× | 2.00 | 9 | 7 |');
  expect(lines).toContain('| distinct callers, forwarded | slow | 100 † | – | 1.00 | 2.00 | 0.50 | – | 2.00 | 1 | 0 |');
  expect(page).toContain("- slow, identical: 7 requests failed; the first: `status 500: 'oops'`");
  expect(page).toContain('{greet}');
});

test('the page begins with every other server as a multiple of ours, by query', () => {
  const lines = renderReport(report()).split('\n');
  expect(lines).toContain('| server | greet req/s | greet CPU/req |');
  expect(lines).toContain('| slow | 0.20× | 10.0× |');
});

test('the chart has a bar per server and way of the joined query, ours in a colour of its own', () => {
  const cell: Cell = { ...identical, caseName: 'posts-users' };
  const joined = [
    rounds(cell, 'tributary', { requestsPerSecond: 1000 }),
    rounds(cell, 'slow<', { requestsPerSecond: 10 }),
  ];
  const chart = renderChart(report({ rows: summarize(joined, 'tributary') }), variantName) ?? '';
  const bars = [...chart.matchAll(/<rect x="190" y="\d+" width="([\d.]+)" height="12" fill="(#\w+)"/g)];
  expect(bars.map(([, width, color]) => [width, color])).toEqual([
    ['520.0', '#0b6e4f'],
    ['173.3', '#9aa5b1'],
  ]);
  expect(chart).toContain('>identical<');
  expect(chart).toContain('>slow&lt;<');
  expect(renderChart(report(), variantName)).toBeNull();
});

test('the page says where and how it was measured', () => {
  const page = renderReport(report());
  expect(page).toContain('| posts | slow | 200 | 300, 100, 200 | 50 |');
  expect(page).toContain('Some CPU, 2 cores, 4 GiB, Linux; Node v20');
  expect(page).toContain('**slow**: A note. Started by `slow start`. some-package 1.2.3.');
  expect(page).toContain('Only ratios between servers of this one run carry over');
  expect(page).toContain('2.00 of 2.00 calls per request (slow)');
});

test('the page says that it was a quick run, and what was not measured', () => {
  const page = renderReport(report({ quick: true, problems: ['slow (shop): Error: no answer'] }));
  expect(page).toContain('This was a quick run');
  expect(page).toContain('- slow (shop): Error: no answer\n');
});

test('the page warns when something else ran on the machine', () => {
  const disturbed = [rounds(identical, 'slow', { otherShare: 0.6 })];
  const page = renderReport(report({ rows: summarize(disturbed, 'tributary') }));
  expect(page).toContain('**Disturbed:** other processes used up to 60 % of one core');
  expect(renderReport(report())).not.toContain('Disturbed');
});

test.each([
  [12_345.6, '12346'],
  [99.96, '100.0'],
  [12.34, '12.3'],
  [1.234, '1.23'],
  [0.0123, '0.012'],
  [0, '0.00'],
  [Number.NaN, '–'],
  [Number.POSITIVE_INFINITY, '–'],
])('%d is written %s', (value, text) => {
  expect(number(value)).toBe(text);
});

test('what became of the project since a commit is told row by row, where both were measured', () => {
  const rows = summarize(
    [
      rounds(identical, 'tributary', { requestsPerSecond: 120, cpuMsPerRequest: 0.4 }),
      rounds(identical, 'tributary-before', { requestsPerSecond: 100, cpuMsPerRequest: 0.5 }),
      rounds(forwarded, 'tributary', {}),
    ],
    'tributary',
  );
  expect(renderChange(rows, { now: 'tributary', before: 'tributary-before' })).toEqual([
    'greet, identical: 1.20× req/s, 0.80× CPU/req',
  ]);
});
