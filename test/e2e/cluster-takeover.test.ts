/** A server of a Cluster is killed and its replica takes over, while operations come and answers are kept. */
import { afterAll, expect, it, vi } from 'vitest';
import { type RedisGroup, startMasters, startReplica, untilInStep } from '../kit/redis-groups.ts';
import { type RedisServer, say } from '../kit/redis-servers.ts';
import { until } from '../kit/until.ts';
import { openAnswers } from './answers-kit.ts';
import { RULES, type Seen, startLoad, unchecked, untilWhole } from './limit-load-kit.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const cluster = await startMasters(3);
if (!cluster) process.stderr.write('\nSKIPPED: no replica takes over, there is no redis-server here.\n\n');
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

it.runIf(cluster)(
  'a replica takes over: budgets know what was spent, answers that were dropped stay so, and all of it goes on',
  async () => {
    const group = cluster as RedisGroup;
    const load = await startLoad(group, RULES);
    const { open, closed, local, spent } = load.seen as Record<keyof typeof RULES, Seen>;
    const answers = openAnswers(group);
    await until(() => spent.refused.length > 0 && closed.passed > 20);
    await until(async () => (await answers.drop()) && (await answers.allKept()));

    // The one that knows of the budget that is spent.
    const primary = await findOwner(group.servers, '*:spent:p');
    await using replica = await startReplica(group, primary);
    const dropped = answers.keys[0] ?? '';
    expect(await answers.store.drop([dropped])).toBe(true);
    await untilInStep(primary, replica);
    await primary.kill();
    const before = closed.refused.length;
    await until(() => closed.refused.length > before + 20);
    await until(async () => (await say(replica.port, 'ROLE')).includes('master'));
    await untilWhole(load.seen);
    expect(await answers.store.get(dropped)).toBeUndefined();
    await until(async () => (await answers.drop()) && (await answers.allKept()));
    await load.stop();
    await answers.store[Symbol.asyncDispose]();

    expect([open.refused, new Set(closed.refused), local.refused]).toEqual([[], new Set([unchecked]), []]);
    // The share of one process: a tenth of twenty.
    expect([spent.passed - 20 <= 2, open.late, closed.late, local.late, spent.late]).toEqual([true, 0, 0, 0, 0]);
  },
);

async function findOwner(servers: readonly RedisServer[], pattern: string): Promise<RedisServer> {
  for (const server of servers) if (!(await say(server.port, `KEYS ${pattern}`)).startsWith('*0')) return server;
  throw new Error(`nobody knows of ${pattern}`);
}
