import { createHash } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { openRedis } from '../lib/redis-connection.ts';
import type { RedisSettings } from '../lib/redis-options.ts';
import { RENEW, SETTLE, TAKE } from './redis-scripts.ts';
import type { LimitStore, Taken, Wanted } from './store.ts';

export type RedisLimitStoreOptions = RedisSettings & {
  /** Stands before every key. */
  readonly prefix: string;
  /** Told when a connection fails; it is tried again. */
  readonly onFault: (error: Error) => void;
  /** Milliseconds since the epoch, in place of Redis's own clock; for tests. */
  readonly now?: (() => number) | undefined;
};

/**
 * Keeps budgets in Redis, for all replicas of the gateway: one script decides and takes, in one round trip. On a Cluster a script can
 * only reach keys of one slot: what is wanted is grouped by hash tag, all groups are asked at once, and when one refuses, the others get
 * back what they gave. That never lets more through than one script would; while points are on their way back, an operation that would
 * have fitted may be refused. Keys expire when their budget is whole or their leases have ended.
 */
export function createRedisLimitStore(options: RedisLimitStoreOptions): LimitStore {
  const { prefix, cluster, now, onFault } = options;
  const connection = openRedis(options, onFault);
  const redis = connection.client;
  const clock = (): string => (now === undefined ? '' : String(now()));

  /** Runs a script once for each group of entries, all at the same time. */
  async function run<Entry extends { readonly key: string }>(
    script: Script,
    entries: readonly Entry[],
    argsOf: (entry: Entry) => readonly (string | number)[],
  ): Promise<Ran<Entry>[]> {
    const groups = cluster ? groupByTag(entries) : [entries];
    return await Promise.all(
      groups.map(async (group) => {
        const keys = group.map(({ key }) => `${prefix}${key}`);
        try {
          return { group, answer: await evaluate(redis, script, keys, [clock(), ...group.flatMap(argsOf)]) };
        } catch (error) {
          return { group, error };
        }
      }),
    );
  }

  async function settle(changes: Parameters<LimitStore['settle']>[0]): Promise<void> {
    if (changes.length > 0)
      allRan(await run(scripts.settle, changes, ({ points, emissionMs }) => [points, emissionMs]));
  }

  async function release(leases: Parameters<LimitStore['release']>[0]): Promise<void> {
    await Promise.all(leases.map(({ key, id }) => redis.zrem(`${prefix}${key}`, id)));
  }

  /** Gives back what groups gave where another one refused, or failed. */
  async function giveBack(given: readonly Wanted[]): Promise<void> {
    const points = given.flatMap((each) => (each.kind === 'points' ? [{ ...each, points: -each.points }] : []));
    await Promise.all([settle(points), release(given.flatMap((each) => (each.kind === 'lease' ? [each] : [])))]);
  }

  return {
    async take(wanted) {
      if (wanted.length === 0) return [];
      const all = await run(scripts.take, wanted, argsOf);
      const ran = all.filter((each) => 'answer' in each);
      const taken = new Map(ran.flatMap(({ group, answer }) => readTaken(group, answer)));
      const isRefused = ({ group }: { group: readonly Wanted[] }): boolean =>
        group.some((each) => !each.shadow && taken.get(each)?.fits !== true);
      if (ran.length < all.length || ran.some(isRefused)) {
        const given = ran.filter((each) => !isRefused(each)).flatMap(({ group }) => group);
        const back = given.filter((each) => taken.get(each)?.fits === true);
        for (const each of back) taken.set(each, withoutOwn(each, taken.get(each) as Taken));
        // Where a part of the Cluster failed, who asked is told at once.
        const givenBack = giveBack(back);
        if (ran.length === all.length) await givenBack;
        else givenBack.catch(() => undefined);
      }
      allRan(all);
      return wanted.map((each) => taken.get(each) as Taken);
    },
    settle,
    async renew(leases) {
      if (leases.length > 0) allRan(await run(scripts.renew, leases, ({ id, leaseMs }) => [id, leaseMs]));
    },
    release,
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** What came of one group: on a Cluster one may be reached while another is not. */
type Ran<Entry> = { readonly group: readonly Entry[] } & ({ readonly answer: unknown } | { readonly error: unknown });

/** @throws what one of them failed with */
function allRan(ran: readonly Ran<unknown>[]): void {
  for (const each of ran) if ('error' in each) throw each.error;
}

type Script = { readonly text: string; readonly sha: string };

function scriptOf(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

const scripts = { take: scriptOf(TAKE), settle: scriptOf(SETTLE), renew: scriptOf(RENEW) };

/** By its hash, as Redis has it after the first time; a server that was restarted has to be told again. */
async function evaluate(
  redis: Redis | Cluster,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await redis.eval(text, keys.length, ...keys, ...args);
  }
}

function argsOf(wanted: Wanted): (string | number)[] {
  const shadow = wanted.shadow ? 1 : 0;
  return wanted.kind === 'points'
    ? ['points', wanted.points, wanted.emissionMs, wanted.depthMs, shadow]
    : ['lease', wanted.max, wanted.leaseMs, wanted.id, shadow];
}

/** How it stands without what this request took. */
function withoutOwn(wanted: Wanted, { fits, used }: Taken): Taken {
  return { fits, used: used - (wanted.kind === 'points' ? wanted.points * wanted.emissionMs : 1) };
}

function readTaken(group: readonly Wanted[], answer: unknown): [Wanted, Taken][] {
  const texts = answer as readonly string[];
  return group.map((wanted, index) => [wanted, { fits: texts[2 * index] === '1', used: Number(texts[2 * index + 1]) }]);
}

/** Keys of one hash tag are in one slot (Redis Cluster specification, "Hash tags"). */
function groupByTag<Entry extends { readonly key: string }>(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const tag = /\{([^}]+)\}/.exec(entry.key)?.[1] ?? entry.key;
    const group = groups.get(tag);
    if (group) group.push(entry);
    else groups.set(tag, [entry]);
  }
  return [...groups.values()];
}
