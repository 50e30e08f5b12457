/** Redis that fails over, or loses a part of itself, while operations come: they go on as their rules say, and nobody waits for it. */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as think } from 'node:timers/promises';
import { afterAll, expect, it, vi } from 'vitest';
import { createMemoryStore } from '../../gateway/cache/memory-store.ts';
import { openRedisAnswers } from '../../gateway/cache/redis-answers.ts';
import { GatewayError } from '../../gateway/errors.ts';
import { realTimer } from '../../gateway/limit/guard.ts';
import { createLimiter } from '../../gateway/limit/limiter.ts';
import { openLimits } from '../../gateway/limit/open.ts';
import { readSettings } from '../kit/app.ts';
import { type RedisGroup, startMasters, startWatched } from '../kit/redis-groups.ts';
import { say } from '../kit/redis-servers.ts';
import { until } from '../kit/until.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const [watched, cluster] = await Promise.all([startWatched(), startMasters(3)]);
const groups = { watched, cluster };
if (!groups.cluster) process.stderr.write('\nSKIPPED: nothing fails over, there is no redis-server here.\n\n');
afterAll(async () => {
  for (const group of Object.values(groups)) await group?.[Symbol.asyncDispose]();
});

const WAIT_MS = 20;
/** Real servers on a machine that may do much else. */
const RETRY = { retry: 2 };
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5', '192.0.2.6'];

/**
 * Between two operations of an address: Redis wants some of the machine, too, and where all of them together take more than the bound on
 * a busy machine, none but the one that looks whether Redis is back would ever be let through.
 */
const THINK_MS = 20;

type Seen = { passed: number; passedBy: Map<string, number>; refused: string[]; late: number };

/** Operations from several addresses, one after the other, each under a rule of its own for what happens without Redis. */
async function startLoad(group: RedisGroup, rules: Readonly<Record<string, object>>) {
  const redis = { ...group.settings, prefix: `t:${randomUUID()}:` };
  const sections = Object.entries(rules).map(([name, rule]) => ({
    name,
    config: readSettings({
      limitStore: { redis, timeoutMs: WAIT_MS },
      rateLimits: [{ name, cost: 'requests', by: ['ip'], ...rule }],
    }),
  }));
  const config = sections[0]?.config ?? readSettings({});
  const limits = await openLimits({ config, now: Date.now, onFault: () => undefined });
  await until(async () => (await limits.shared?.take([])) !== undefined);
  const seen: Record<string, Seen> = {};
  let isOver = false;

  async function one(limit: ReturnType<typeof createLimiter>, address: string, counts: Seen): Promise<void> {
    const asked = limit({
      ...{
        peer: { address },
        path: '/graphql',
        headers: new Map(),
        operation: undefined,
        price: undefined,
        cost: undefined,
      },
      ...{ principal: { kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] }, calls: [], quota: undefined },
      ...{ eventBudget: undefined, atEnd: undefined },
    });
    let isSettled = false;
    // A timer that was set later and fires later, and two turns after it: whoever is not done by then waited for more than the bound.
    setTimeout(() => setImmediate(() => setImmediate(() => (counts.late += isSettled ? 0 : 1))), WAIT_MS + 5);
    try {
      await asked;
      counts.passed += 1;
      counts.passedBy.set(address, (counts.passedBy.get(address) ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      counts.refused.push(error.message);
    }
    isSettled = true;
  }

  const loops = sections.flatMap(({ name, config: { rateLimits } }) => {
    const counts: Seen = { passed: 0, passedBy: new Map(), refused: [], late: 0 };
    seen[name] = counts;
    const limit = createLimiter({
      ...{ rules: { rateLimits, concurrencyLimits: [] }, stores: limits, localSharePercent: 10, after: realTimer },
      ...{ randomId: randomUUID, onRefusal: () => undefined },
    });
    return ADDRESSES.map(async (address, index) => {
      while (!isOver) {
        await one(limit, address, counts);
        // Each at a pace of its own: in step, all of them would come upon Redis at once.
        await think(THINK_MS + 3 * index);
      }
    });
  });
  return {
    seen: seen as Readonly<Record<string, Seen>>,
    async stop() {
      isOver = true;
      await Promise.all(loops);
      await limits[Symbol.asyncDispose]();
    },
  };
}

const plenty = { points: 1_000_000_000, windowMs: 60_000 };
const RULES = {
  open: { ...plenty, fail: 'open' },
  closed: { ...plenty, fail: 'closed' },
  local: { ...plenty, fail: 'local' },
  spent: { points: 20, windowMs: 86_400_000, by: [], fail: 'local' },
};
const unchecked = 'The limit "closed" cannot be checked at the moment: try again.';

/** Every address has been let through anew by the rule that needs Redis: all of it answers again. */
async function untilWhole({ closed }: Readonly<Record<string, Seen>>): Promise<void> {
  if (!closed) throw new Error('there is no such rule');
  const before = new Map(closed.passedBy);
  const more = (address: string): number => (closed.passedBy.get(address) ?? 0) - (before.get(address) ?? 0);
  await until(() => ADDRESSES.every((address) => more(address) >= 3));
}

it.runIf(groups.watched)(
  'a primary is killed: rules do as they say until the replica is one, and know what was spent',
  RETRY,
  async () => {
    const group = groups.watched as RedisGroup;
    const [primary, replica] = group.servers;
    const load = await startLoad(group, RULES);
    const { open, closed, local, spent } = load.seen as Record<keyof typeof RULES, Seen>;
    await until(() => spent.refused.length > 0 && closed.passed > 20);
    // What is spent is on the replica, too.
    await say(primary?.port ?? 0, 'WAIT 1 5000');

    await primary?.kill();
    const before = closed.refused.length;
    await until(() => closed.refused.length > before + 20);
    // The Sentinel ends connections to the server whose role it changes.
    const role = (): Promise<string> => say(replica?.port ?? 0, 'ROLE').catch(() => '');
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
  RETRY,
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
    const bounds = { maxEntryBytes: 10_000, maxKeptMs: 60_000 };
    const store = openRedisAnswers({
      redis: { ...group.settings, prefix: `a:${randomUUID()}:`, timeoutMs: 200 },
      near: createMemoryStore({ ...bounds, maxBytes: 1_000_000, now: Date.now }),
      ...{ id: randomUUID(), parts: 16, trustMs: 800, onFault: () => undefined, now: Date.now, ...bounds },
    });
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => createHash('sha256').update(name).digest('hex'));
    const use = async (): Promise<boolean[]> =>
      await Promise.all(
        keys.map(async (key) => {
          const { stamp } = await store.begin(key, 'me', 1000);
          await store.end(key, 'me');
          await store.set(key, { text: key, tags: ['t'], ttlMs: 60_000, freshMs: 60_000 }, stamp);
          return (await store.get(key))?.text === key;
        }),
      );
    const allKept = async (): Promise<boolean> => (await use()).every(Boolean);
    await until(async () => (await store.drop(['t'])) && (await allKept()));
    await group.servers[1]?.kill();
    await until(async () => !(await store.drop(['t'])));
    for (let times = 0; times < 5; times += 1) await use();
    await group.servers[1]?.restart();
    await until(async () => (await store.drop(['t'])) && (await allKept()));
    await store[Symbol.asyncDispose]();
  },
);
