/** Operations from several addresses under rules that keep their budgets in a group of Redis servers, which tests take parts away from. */
import { randomUUID } from 'node:crypto';
import { setTimeout as think } from 'node:timers/promises';
import { GatewayError } from '../../gateway/errors.ts';
import { realTimer } from '../../gateway/lib/timer.ts';
import { createLimiter } from '../../gateway/limit/limiter.ts';
import { openLimits } from '../../gateway/limit/open.ts';
import { readSettings } from '../kit/app.ts';
import type { RedisGroup } from '../kit/redis-groups.ts';
import { until } from '../kit/until.ts';

const WAIT_MS = 20;
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5', '192.0.2.6'];

/** Between two operations of an address: Redis wants some of the machine, too. */
const THINK_MS = 2;

export type Seen = { passed: number; passedBy: Map<string, number>; refused: string[]; late: number };

/** Operations from several addresses, one after the other, each under a rule of its own for what happens without Redis. */
export async function startLoad(group: RedisGroup, rules: Readonly<Record<string, object>>) {
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
    return ADDRESSES.map(async (address) => {
      while (!isOver) {
        await one(limit, address, counts);
        await think(THINK_MS);
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
export const RULES = {
  open: { ...plenty, fail: 'open' },
  closed: { ...plenty, fail: 'closed' },
  local: { ...plenty, fail: 'local' },
  spent: { points: 20, windowMs: 86_400_000, by: [], fail: 'local' },
};
export const unchecked = 'The limit "closed" cannot be checked at the moment: try again.';

/** Every address has been let through anew by the rule that needs Redis: all of it answers again. */
export async function untilWhole({ closed }: Readonly<Record<string, Seen>>): Promise<void> {
  if (!closed) throw new Error('there is no such rule');
  const before = new Map(closed.passedBy);
  const more = (address: string): number => (closed.passedBy.get(address) ?? 0) - (before.get(address) ?? 0);
  await until(() => ADDRESSES.every((address) => more(address) >= 3));
}
