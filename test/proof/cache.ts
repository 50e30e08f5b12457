/**
 * `npm run proof:cache -- [--seed <n>] [--rounds <n>] [--runs <n>] [--seconds <n>]`: what the cache of whole answers promises, measured
 * over replicas on a Redis of their own that is cut off, frozen, killed and started again. One line per promise; ends with 1 when one
 * was not kept.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Secret } from '../../gateway/config/secret.ts';
import { openRedis } from '../../gateway/lib/redis-connection.ts';
import { createRandom } from '../faults/chance.ts';
import { removeProjects } from '../kit/project.ts';
import { type OwnRedis, startRedis } from '../kit/redis.ts';
import { findProgram } from '../kit/software.ts';
import { provePrivacy } from './cache/privacy.ts';
import { startReplica, startUsers, untilShared } from './cache/replicas.ts';
import { load, misses, mutations, type Setting } from './cache/scenarios.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '40' },
    runs: { type: 'string', default: '400' },
    seconds: { type: 'string', default: '10' },
  },
});
const seed = Number(values.seed);
let broken = 0;

function tell(isKept: boolean, promise: string, facts: string): void {
  if (!isKept) broken += 1;
  process.stdout.write(`${isKept ? 'kept  ' : 'BROKEN'} ${promise} | ${facts}\n`);
}

/** Cuts subscriptions off, or stops Redis for a while, as the round has it. */
async function disturb(redis: OwnRedis, round: number): Promise<void> {
  if (round % 4 === 1) {
    await using connection = openRedis({ url: new Secret(redis.url), timeoutMs: 1000 }, () => undefined);
    await connection.ready();
    await connection.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  }
  if (round % 4 === 3) {
    redis.freeze();
    setTimeout(redis.thaw, 300);
  }
}

/**
 * Calls of each round of 500 equal questions: five at one replica, five at two. They have time for Redis: on a busy machine it answers
 * later than they wait by default, and each replica makes its own.
 */
async function countMisses({ users, redis }: Pick<Setting, 'users' | 'redis'>): Promise<number[]> {
  const patient = { url: redis.url, timeoutMs: 1000 };
  await using first = await startReplica(users, patient);
  await using second = await startReplica(users, patient);
  await untilShared([first, second]);
  const calls: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const apps = round < 5 ? [first] : [first, second];
    calls.push(await misses({ users, redis, apps }, `round${round}`, 500));
  }
  return calls;
}

async function prove(): Promise<void> {
  const { requests, hits } = await provePrivacy({ runs: Number(values.runs), seed });
  tell(hits > 0, 'nobody gets another’s answer', `${requests} requests, ${hits} of them from what was kept`);

  const program = findProgram('redis-server', 'redis-server');
  if (program === undefined) return tell(false, 'replicas', 'redis-server is missing');
  await using redis = await startRedis(program);
  await using users = await startUsers();
  await using first = await startReplica(users, { url: redis.url });
  await using second = await startReplica(users, { url: redis.url });
  const apps = [first, second];
  const setting = { users, apps, redis };
  await untilShared(apps);

  const calls = await countMisses(setting);
  tell(
    calls.every((count) => count === 1),
    '500 equal misses at once are one call',
    `calls ${calls.join(' ')} (the last five at two replicas)`,
  );

  const rounds = Number(values.rounds);
  const random = createRandom(seed);
  const { worstMs, reads } = await mutations(setting, { rounds, random, disturb: (round) => disturb(redis, round) });
  tell(
    worstMs < 1000,
    'nothing old beyond 1 s after a mutation',
    `${rounds} mutations, ${reads} reads, at worst ${Math.round(worstMs)} ms`,
  );

  const pauseMs = (Number(values.seconds) * 1000) / 4;
  await untilShared(apps);
  const under = await load(setting, 16, async () => {
    for (const _ of [1, 2]) {
      await sleep(pauseMs);
      await redis.kill();
      await sleep(pauseMs);
      await redis.start();
    }
  });
  await untilShared(apps);
  tell(
    under.failed === 0,
    'no request fails while Redis is killed and started again',
    `${under.requests} requests, ${under.failed} failed, ${under.hits} hits, the slowest took ${Math.round(under.slowestMs)} ms`,
  );
}

try {
  await prove();
  process.exitCode = broken === 0 ? 0 : 1;
} finally {
  await removeProjects();
}
