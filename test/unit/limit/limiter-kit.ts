/** Operations as the limiter sees them, one at a time. */
import { gatewaySchema } from '../../../gateway/config/schema.ts';
import type { Amount, CallRecord, Cost, Price, Principal } from '../../../gateway/context.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import type { GuardedStore } from '../../../gateway/limit/guard.ts';
import { createLimiter, type LimitedContext } from '../../../gateway/limit/limiter.ts';
import { createMemoryLimitStore } from '../../../gateway/limit/memory-store.ts';
import { createFakeClock } from '../../kit/clock.ts';

export type Rule = Readonly<Record<string, unknown>>;

export const anyone: Principal = { kind: 'key', id: 'k1', tenant: 't1', roles: ['reader'], scopes: [] };
export const anonymous: Principal = { kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] };

export function cost(points: number, calls: number, bySource: Readonly<Record<string, Amount>> = {}): Cost {
  return { points, calls, bySource: new Map(Object.entries(bySource)) };
}

export function price(points: number, calls: number, bySource: Readonly<Record<string, Amount>> = {}): Price {
  const own = cost(points, calls, bySource);
  return {
    ...own,
    parts: [],
    pages: [],
    unsliced: [],
    isTruncated: false,
    costOf: (records) => cost(0, records.length),
  };
}

export type Given = Partial<LimitedContext> & { name?: string; header?: string };

/** A limiter over memory that stands for Redis, and a clock. */
export function setUp(rules: { rateLimits?: Rule[]; concurrencyLimits?: Rule[] }, isAway = () => false) {
  const clock = createFakeClock();
  const store = createMemoryLimitStore({ maxKeys: 1000, now: clock.now });
  const local = createMemoryLimitStore({ maxKeys: 1000, now: clock.now });
  const shared: GuardedStore = { ...store, take: async (wanted) => (isAway() ? undefined : await store.take(wanted)) };
  const config = gatewaySchema.parse(rules);
  const refusals: string[] = [];
  let ids = 0;
  const limit = createLimiter({
    rules: config,
    stores: { local, shared },
    localSharePercent: 10,
    after: () => () => undefined,
    randomId() {
      ids += 1;
      return String(ids);
    },
    onRefusal: ({ rule, shadow }) => refusals.push(`${rule}${shadow ? ' (shadow)' : ''}`),
  });
  /** Admits one operation: what it was refused by and with, or what ends it. */
  async function admit({ name = 'Q', header, ...given }: Given = {}) {
    const context: LimitedContext = {
      peer: { address: '192.0.2.1' },
      path: '/graphql',
      principal: anyone,
      headers: new Map(header === undefined ? [] : [['x-api-version', header]]),
      operation: { kind: 'query', name, hash: '' },
      price: price(1, 1),
      cost: undefined,
      calls: [],
      quota: undefined,
      eventBudget: undefined,
      atEnd: undefined,
      ...given,
    };
    try {
      await limit(context);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return { context, refused: error.code, error, end: () => undefined };
    }
    const end = (really?: { cost?: Cost; calls?: CallRecord[] }): void => {
      Object.assign(context, really);
      for (const act of context.atEnd ?? []) act();
    };
    return { context, refused: undefined, error: undefined, end };
  }
  /** How many of equal operations get through, of at most 50. */
  async function through(given: Given = {}): Promise<number> {
    for (let count = 0; count < 50; count += 1) if ((await admit(given)).refused) return count;
    return 50;
  }
  return { admit, through, refusals, clock };
}
