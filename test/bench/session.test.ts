import { platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cores, launch, portEnv } from '../../bench/lib/launch.ts';
import type { Plan } from '../../bench/plan.ts';
import { runPlan } from '../../bench/session.ts';
import type { Peer, Setup } from '../../bench/types.ts';

const posts: Setup = { workload: 'posts', forward: false };
const server = fileURLToPath(new URL('./fixtures/tiny-server.ts', import.meta.url));

function tinyPeer(name: string, env: Record<string, string>): Peer {
  return {
    name,
    note: '',
    command: '',
    setups: [posts],
    versions: async () => ({}),
    install: async () => {},
    start: async (_setup, ports) => {
      const all = { ...env, ...portEnv({ ...ports.upstream, server: ports.server }) };
      const launched = launch(process.execPath, ['--import', 'tsx', server], { core: cores.server, env: all });
      return { ...launched, url: `http://127.0.0.1:${ports.server}/graphql` };
    },
  };
}

const say = () => {};

const plan: Plan = {
  rounds: 2,
  starts: 1,
  connections: { posts: 4, shop: 4 },
  seconds: 0.2,
  firstWarmupSeconds: 0.1,
  warmupSeconds: 0.1,
  drainSeconds: 10,
  cells: [
    { setup: posts, caseName: 'greet', vary: 'operation' },
    { setup: posts, caseName: 'posts-users', vary: 'caller' },
  ],
};

// Only Linux has /proc; the benchmark runs nowhere else.
describe.skipIf(platform() !== 'linux')('a session', () => {
  test('a plan runs on a server from outside: answers, calls, CPU, memory and start-up are all its own', async () => {
    const said: string[] = [];
    const { results, startups, problems } = await runPlan(plan, [tinyPeer('tiny', {})], (line) => said.push(line));
    expect(problems).toEqual([]);
    expect(results.map(({ cell, rounds }) => [cell.caseName, rounds.length])).toEqual([
      ['greet', 2],
      ['posts-users', 2],
    ]);
    for (const { rounds } of results) {
      for (const round of rounds) {
        expect(round.failures).toEqual({ status: 0, answer: 0, network: 0, unfinished: 0 });
        expect(round.completed).toBeGreaterThan(0);
        expect(round.upstreamCallsPerRequest).toBe(1);
        expect(round.authorizedCallsPerRequest).toBeGreaterThanOrEqual(1);
        expect(round.cpuMsPerRequest).toBeGreaterThan(0);
        expect(round.peakRssBytes).toBeGreaterThan(10_000_000);
      }
    }
    expect(said).toHaveLength(5);
    expect(startups).toHaveLength(1);
    expect(startups[0]?.ms[0]).toBeGreaterThan(0);
  }, 60_000);

  test('a server that answers one query wrongly is not measured at all, and the others are', async () => {
    const peers = [tinyPeer('liar', { BENCH_WRONG: '1' }), tinyPeer('tiny', {})];
    const { results, problems } = await runPlan({ ...plan, rounds: 1, cells: plan.cells.slice(0, 1) }, peers, say);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('liar (posts): Error: greet: the answer has other data: data.greet is "Good bye"');
    expect(results.map(({ peer }) => peer)).toEqual(['tiny']);
  }, 60_000);

  test('a server that ends instead of answering is reported at once, with what it printed', async () => {
    const peer = tinyPeer('broken', { NODE_OPTIONS: '--no-such-option' });
    const { results, problems } = await runPlan(plan, [peer], say);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^broken \(posts\): Error: the process ended\n.*--no-such-option/s);
    expect(results).toEqual([]);
  }, 30_000);
});
