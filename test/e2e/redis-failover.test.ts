/** Redis that fails over, or loses a part of itself, while operations come: they go on as their rules say, and nobody waits for it. */
import { afterAll, expect, it, vi } from 'vitest';
import { type RedisGroup, startMasters, startWatched, untilInStep } from '../kit/redis-groups.ts';
import { type RedisServer, say } from '../kit/redis-servers.ts';
import { until } from '../kit/until.ts';
import { openAnswers } from './answers-kit.ts';
import { RULES, type Seen, startLoad, unchecked, untilWhole } from './limit-load-kit.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const [watched, cluster] = await Promise.all([startWatched(), startMasters(3)]);
const groups = { watched, cluster };
if (!groups.cluster) process.stderr.write('\nSKIPPED: nothing fails over, there is no redis-server here.\n\n');
afterAll(async () => {
  for (const group of Object.values(groups)) await group?.[Symbol.asyncDispose]();
});

it.runIf(groups.watched)(
  'a primary is killed: rules do as they say until the replica is one, and know what was spent',
  async () => {
    const group = groups.watched as RedisGroup;
    const [primary, replica] = group.servers as readonly [RedisServer, RedisServer];
    const load = await startLoad(group, RULES);
    const { open, closed, local, spent } = load.seen as Record<keyof typeof RULES, Seen>;
    await until(() => spent.refused.length > 0 && closed.passed > 20);
    // What is spent is on the replica, too.
    await untilInStep(primary, replica);

    await primary.kill();
    const before = closed.refused.length;
    await until(() => closed.refused.length > before + 20);
    // The Sentinel ends connections to the server whose role it changes.
    const role = (): Promise<string> => say(replica.port, 'ROLE').catch(() => '');
    await until(async () => (await role()).includes('master'));
    await untilWhole(load.seen);
    await load.stop();
    expect([open.refused, new Set(closed.refused), local.refused]).toEqual([[], new Set([unchecked]), []]);
    // The share of one process: a tenth of twenty.
    expect([spent.passed - 20 <= 2, open.late, closed.late, local.late, spent.late]).toEqual([true, 0, 0, 0, 0]);
  },
);

it.runIf(groups.cluster)(
  'a master of three is killed and comes back: the others go on or rules do as they say',
  async () => {
    const group = groups.cluster as RedisGroup;
    const load = await startLoad(group, RULES);
    const { open, closed, local, spent } = load.seen as Record<keyof typeof RULES, Seen>;
    await until(() => spent.refused.length > 0 && closed.passed > 20);
    for (const server of group.servers)
      expect(await say(server.port, 'INFO commandstats')).toContain('cmdstat_evalsha');
    await group.servers[0]?.kill();
    const before = closed.refused.length;
    await until(() => closed.refused.length > before + 20);
    await group.servers[0]?.restart();
    await untilWhole(load.seen);
    await load.stop();
    expect([open.refused, new Set(closed.refused), local.refused]).toEqual([[], new Set([unchecked]), []]);
    expect([open.late, closed.late, local.late, spent.late]).toEqual([0, 0, 0, 0]);
  },
);

it.runIf(groups.cluster)(
  'whole answers are kept across a Cluster that loses a master, and nobody who asks gets an error',
  async () => {
    const group = groups.cluster as RedisGroup;
    const { store, use, drop, allKept } = openAnswers(group);
    await until(async () => (await drop()) && (await allKept()));
    await group.servers[1]?.kill();
    await until(async () => !(await drop()));
    for (let times = 0; times < 5; times += 1) await use();
    await group.servers[1]?.restart();
    await until(async () => (await drop()) && (await allKept()));
    await store[Symbol.asyncDispose]();
  },
);
