/** What the cache of whole answers promises, as measurements over replicas on a Redis of their own. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KitApp } from '../../kit/app.ts';
import type { OwnRedis } from '../../kit/redis.ts';
import { nameIn, read, rename, type Users } from './replicas.ts';

export type Setting = { readonly users: Users; readonly apps: readonly KitApp[]; readonly redis: OwnRedis };

/** Equal operations at once, spread over all replicas: how many calls they come to. */
export async function misses({ users, apps }: Setting, id: string, clients: number): Promise<number> {
  const before = users.calls();
  users.delay = () => 50;
  const asked = Array.from({ length: clients }, (_, each) => apps[each % apps.length]?.query(read(id)));
  const names = new Set((await Promise.all(asked)).map((answer) => answer && nameIn(answer)));
  users.delay = () => 0;
  if (names.size !== 1 || !names.has('v0')) throw new Error(`wrong answers: ${[...names]}`);
  return users.calls() - before;
}

export type Lateness = {
  /** The longest time after the end of a mutation at which a replica gave the old value, in ms; 0 for never. */
  readonly worstMs: number;
  readonly reads: number;
};

/**
 * Values change at one replica while all are asked for them without a pause.
 *
 * @param random a number from 0 up to, not including, 1
 * @param disturb what happens to Redis in a round, before the mutation
 */
export async function mutations(
  { users, apps }: Setting,
  { rounds, random, disturb }: { rounds: number; random: () => number; disturb?: (round: number) => Promise<void> },
): Promise<Lateness> {
  let worstMs = 0;
  let reads = 0;
  users.delay = () => Math.floor(random() * 8);
  for (let round = 0; round < rounds; round += 1) {
    const id = `m${round}`;
    const name = `v${round + 1}`;
    let endedAt = Number.POSITIVE_INFINITY;
    let stop = false;
    const renewed = new Set<KitApp>();
    const watch = async (app: KitApp): Promise<void> => {
      while (!stop) {
        const askedAt = performance.now();
        const seen = nameIn(await app.query(read(id)));
        reads += 1;
        if (seen === name) renewed.add(app);
        else if (seen !== 'v0') throw new Error(`neither old nor new: ${seen}`);
        else if (askedAt > endedAt) worstMs = Math.max(worstMs, askedAt - endedAt);
        await sleep(random() * 4);
      }
    };
    const watching = apps.flatMap((app) => [watch(app), watch(app)]);
    await sleep(30 + random() * 20);
    await disturb?.(round);
    const writer = apps[round % apps.length];
    const answer = await writer?.query(rename(id, name));
    if (answer?.body.errors) throw new Error(JSON.stringify(answer.body.errors));
    endedAt = performance.now();
    while (renewed.size < apps.length && performance.now() - endedAt < 5000) await sleep(5);
    // Whoever has the new value must not fall back to the old one.
    await sleep(60);
    stop = true;
    await Promise.all(watching);
    if (renewed.size < apps.length) worstMs = Number.POSITIVE_INFINITY;
  }
  users.delay = () => 0;
  return { worstMs, reads };
}

export type Load = {
  readonly requests: number;
  readonly failed: number;
  readonly slowestMs: number;
  readonly hits: number;
};

/** Asks all replicas without a pause while `happen` takes its time; every answer has to be right. */
export async function load({ apps }: Setting, clients: number, happen: () => Promise<void>): Promise<Load> {
  const sum = { requests: 0, failed: 0, slowestMs: 0, hits: 0 };
  let stop = false;
  const client = async (number: number): Promise<void> => {
    const app = apps[number % apps.length];
    for (let each = 0; !stop; each += 1) {
      const startedAt = performance.now();
      const answer = await app?.query(read(`l${(number + each) % 20}`));
      sum.slowestMs = Math.max(sum.slowestMs, performance.now() - startedAt);
      sum.requests += 1;
      if (answer?.status !== 200 || nameIn(answer) !== 'v0') sum.failed += 1;
      if (answer?.headers.get('x-cache')?.startsWith('HIT')) sum.hits += 1;
      await sleep(2);
    }
  };
  const asking = Array.from({ length: clients }, (_, number) => client(number));
  await happen();
  stop = true;
  await Promise.all(asking);
  return sum;
}
