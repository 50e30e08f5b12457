/** Rules and fields of one operation are one question: all of it is taken or nothing, and it waits once. */
import { describe, expect, it } from 'vitest';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import { guardStore } from '../../gateway/limit/guard.ts';
import { createMemoryLimitStore } from '../../gateway/limit/memory-store.ts';
import { memoryLimits } from '../../gateway/limit/open.ts';
import type { LimitStore, Wanted } from '../../gateway/limit/store.ts';
import { readSettings, startApp } from '../kit/app.ts';
import { createFakeClock } from '../kit/clock.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';

const limited = (max: number, seconds: number): string => `@rateLimit(max: ${max}, window: "${seconds}000ms")`;
const SDL = `${WIRE_DIRECTIVES}
  type Query { a: Int x: Int ${limited(1, 60)} y: Int ${limited(3, 60)} long: Int ${limited(1, 600)} short: Int ${limited(1, 10)}
    f(id: ID): Int @rateLimit(max: 2, window: "60000ms", identityArgs: ["id"]) }`;

/** A gateway over a store that counts what it is asked, and that is frozen when told; time passes where somebody waits for it. */
function start(settings: Record<string, unknown> = {}) {
  const clock = createFakeClock();
  const memory = createMemoryLimitStore({ maxKeys: 1000, now: clock.now });
  const asked: (readonly Wanted[])[] = [];
  const state = { isFrozen: false, waitedMs: 0 };
  const store: LimitStore = {
    ...memory,
    take(wanted) {
      asked.push(wanted);
      return state.isFrozen ? new Promise(() => undefined) : memory.take(wanted);
    },
  };
  const after = (ms: number, run: () => void): (() => void) => {
    const timer = setImmediate(() => {
      if (!state.isFrozen) return;
      state.waitedMs += ms;
      clock.advance(ms);
      run();
    });
    return () => clearImmediate(timer);
  };
  const shared = guardStore(store, { timeoutMs: 20, now: clock.now, after, onFault: () => undefined });
  const limits = { ...memoryLimits({ config: readSettings({}), now: clock.now }), shared };
  const schema = makeSchema(SDL, { Query: { a: () => 1 } });
  const app = startApp(makeSupply(makeGeneration('g', schema)), settings, clock.now, { limits });
  async function ask(query: string, sent: Readonly<Record<string, string>> = {}): Promise<string> {
    const { body, status, headers } = await app.query(query, { headers: sent });
    const { code, rule } = body.errors?.[0]?.extensions ?? {};
    return code === undefined ? 'ok' : `${code} ${rule} ${status} ${headers.get('retry-after')}`;
  }
  return { app, ask, asked, state };
}

const rule = (more: Record<string, unknown> = {}) => ({
  rateLimits: [{ name: 'r', by: ['ip'], points: 3, cost: 'requests', ...more }],
});

describe('an operation with a rule and limited fields', () => {
  it('asks for all of it at once, for what one has one budget of together, in one slot of a Cluster', async () => {
    const { ask, asked } = start(rule());
    expect(await ask('{ x y f(id: 1) g: f(id: 2) h: f(id: 2) }')).toBe('ok');
    expect(asked.map((wanted) => wanted.map((each) => each.kind === 'points' && each.points))).toEqual([
      [1, 1, 1, 1, 2],
    ]);
    const keys = asked.flat().map(({ key }) => key);
    expect(new Set(keys).size).toBe(5);
    expect(new Set(keys.map((key) => /^\{\w+\}/.exec(key)?.[0])).size).toBe(1);
  });

  it('waits for a frozen store once, however many of its fields are limited', async () => {
    const { ask, asked, state } = start(rule());
    state.isFrozen = true;
    expect(await ask('{ x y f(id: 1) g: f(id: 2) h: f(id: 2) }')).toBe('ok');
    expect([asked.length, state.waitedMs]).toEqual([1, 20]);
  });

  it('waits no longer where its token had to be asked about before', async () => {
    // Nothing listens there.
    const introspection = { url: 'http://127.0.0.1:1/introspect', clientId: 'gateway', clientSecret: 'secret' };
    const { ask, state } = start({ ...rule(), identity: { introspection } });
    state.isFrozen = true;
    expect(await ask('{ a }', { authorization: 'Bearer opaque' })).toMatch(/^SOURCE_UNAVAILABLE/);
    expect(state.waitedMs).toBe(20);
  });

  it('spends nothing of any field, and of no rule, where one of them refuses', async () => {
    const { ask } = start(rule());
    expect(await ask('{ x }')).toBe('ok');
    for (let times = 0; times < 3; times += 1) expect(await ask('{ x y }')).toBe('RATE_LIMITED Query.x 429 60');
    expect([await ask('{ y }'), await ask('{ y }')]).toEqual(['ok', 'ok']);
    // Now it is the rule that refuses, and the field that keeps what it has.
    expect([await ask('{ y }'), await ask('{ a }')]).toEqual(['RATE_LIMITED r 429 20', 'RATE_LIMITED r 429 20']);
    const fields = start();
    expect([await fields.ask('{ x y }'), await fields.ask('{ x y y2: y }'), await fields.ask('{ y y2: y }')]).toEqual([
      'ok',
      'RATE_LIMITED Query.x 429 60',
      'ok',
    ]);
  });

  it.each(['{ long short }', '{ short long }', '{ a short long }'])('says the longest wait: %s', async (query) => {
    const { ask, app } = start(rule({ points: 2, windowMs: 4000 }));
    expect(await ask('{ long short }')).toBe('ok');
    expect(await ask(query)).toBe('RATE_LIMITED Query.long 429 600');
    expect(await app.metrics.expose()).toMatch(/limit_refusals_total\{rule="Query.long",shadow="false"\} 1$/m);
    expect(await ask('{ a }')).toBe('ok');
    expect(await ask('{ short }')).toBe('RATE_LIMITED Query.short 429 10');
  });

  it('is told where no wait would help: by a field that it selects more often than anybody may, also without Redis', async () => {
    const { app, ask, state } = start({ limitStore: { localSharePercent: 50 } });
    const never = 'LIMIT_COST Query.y 400 null';
    const query = '{ x y b: y c: y d: y }';
    expect((await app.query(query)).body.errors?.[0]).toMatchObject({
      message: 'Query.y is selected 4 times, which may be done 3 times at most: select it less often.',
      extensions: { rule: 'Query.y', price: 4, limit: 3 },
    });
    state.isFrozen = true;
    expect([await ask(query), await ask('{ x y b: y c: y }')]).toEqual([never, 'ok']);
  });
});
