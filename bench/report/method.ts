import { median } from '../lib/stats.ts';
import { setupKey } from '../plan.ts';
import { number, percent, table } from './format.ts';
import type { Report } from './report.ts';
import type { Row } from './summary.ts';

/** How long every start took. */
export function renderStartups({ startups }: Report): string[] {
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

/** Everything one needs to judge the figures, and what was measured. */
export function renderMethod({ machine, plan, servers, rows, reference }: Report): string[] {
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
    '- *identical*: every request is the same. *distinct operations*: every request is another document (its own operation name and root alias). *distinct callers*: every request has an `authorization` header of its own, which the server keeps to itself or, in *forwarded*, sends upstream. *distinct arguments*: the same operation with another variable each time, which goes into the upstream’s URL. *upstream 20 ms*: each answer of the upstream waits so long. *signed*: every request bears the same token (JWT), which only a server with policies looks at.',
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

/** The largest share of one core that other processes had during any round. */
export function otherShareOf(rows: readonly Row[]): number {
  return Math.max(0, ...rows.flatMap(({ servers }) => servers.map(({ otherShare }) => otherShare)));
}

function unique(text: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(text) === index;
}
