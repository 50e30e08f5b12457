/** A short form of `npm run proof:cache`. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRandom } from '../../faults/chance.ts';
import type { KitApp } from '../../kit/app.ts';
import { removeProjects } from '../../kit/project.ts';
import { type OwnRedis, startRedis } from '../../kit/redis.ts';
import { findProgram } from '../../kit/software.ts';
import { provePrivacy } from './privacy.ts';
import { startReplica, startUsers, type Users, untilShared } from './replicas.ts';
import { load, misses, mutations } from './scenarios.ts';

// A build reads contracts through Mesh in a worker: seconds alone, more where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

it('nobody gets another’s answer', async () => {
  const { requests, hits } = await provePrivacy({ runs: 40, seed: 11 });
  expect(hits / requests).toBeGreaterThan(0.05);
});

const program = findProgram('redis-server', 'redis-server');

describe.runIf(program)('two replicas on one Redis', () => {
  let redis: OwnRedis;
  let users: Users;
  let apps: KitApp[];
  beforeAll(async () => {
    redis = await startRedis(program ?? '');
    users = await startUsers();
    // A machine that runs all tests at once may be slow, and a Redis that is too slow is one that is away.
    const settings = { url: redis.url, timeoutMs: 2000 };
    apps = [await startReplica(users, settings), await startReplica(users, settings)];
    await untilShared(apps);
  });
  afterAll(async () => {
    for (const app of apps) await app[Symbol.asyncDispose]();
    await users[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
    await removeProjects();
  });

  it('make one call for 500 that want the same at once', async () => {
    expect(await misses({ users, apps, redis }, 'many', 500)).toBe(1);
  });

  it('give nothing old beyond a second after a mutation', async () => {
    const { worstMs, reads } = await mutations({ users, apps, redis }, { rounds: 4, random: createRandom(5) });
    expect(reads).toBeGreaterThan(50);
    expect(worstMs).toBeLessThan(1000);
  });

  it('fail no request while Redis is killed and started again', async () => {
    const { requests, failed } = await load({ users, apps, redis }, 8, async () => {
      await redis.kill();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await redis.start();
    });
    expect({ many: requests > 50, failed }).toEqual({ many: true, failed: 0 });
    await untilShared(apps);
  });
});
