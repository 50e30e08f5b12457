import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breaker as breakerSchema } from '../../../../gateway/config/rules.ts';
import { createBreakerRule } from '../../../../gateway/connect/chain/breaker.ts';
import { admit, type BreakerState, CLOSED, settle, totalOf } from '../../../../gateway/connect/chain/breaker-state.ts';
import { createBreakers } from '../../../../gateway/connect/chain/breakers.ts';
import { openConnector } from '../../../../gateway/connect/open.ts';
import { type ErrorCode, errorTable, GatewayError } from '../../../../gateway/errors.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { callOf, failureOf, optionsOf } from '../kit.ts';
import { faultOf, holdTransport, resultOf } from './kit.ts';

const httpOperation = '@httpOperation(subgraph: "shop", path: "/", httpMethod: "POST", params: [])';
const policy = breakerSchema.parse({
  minimumCalls: 4,
  failurePercent: 50,
  windowMs: 1000,
  openMs: 500,
  probes: 2,
  slowMs: 100,
});

describe('the state of a breaker', () => {
  it('keeps its laws whatever happens', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('come' as const), afterMs: fc.nat(150) }),
      fc.record({
        kind: fc.constant('end' as const),
        afterMs: fc.nat(150),
        which: fc.nat(20),
        verdict: fc.constantFrom('ok' as const, 'failed' as const, 'neutral' as const),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        let state: BreakerState = CLOSED;
        let now = 5_000_000;
        let permits: { epoch: number }[] = [];
        for (const each of steps) {
          now += each.afterMs;
          const before = state;
          if (each.kind === 'come') {
            const admission = admit(state, now, policy);
            state = admission.state;
            const passes = 'permit' in admission;
            if (passes) permits.push(admission.permit);
            else expect(admission.retryAfterMs).toBeGreaterThan(0);
            if (before.kind === 'open') expect(passes).toBe(now >= before.until);
            if (before.kind === 'closed') expect(passes).toBe(true);
          } else {
            const permit = permits[each.which % Math.max(1, permits.length)];
            if (permit === undefined) continue;
            permits = permits.filter((other) => other !== permit);
            state = settle(state, permit, each.verdict, now, policy);
            // What began before the last change says nothing.
            if (permit.epoch !== before.epoch) expect(state).toBe(before);
            // Only a failure opens, and only after enough of them.
            if (state.kind === 'open' && before.kind !== 'open') {
              expect(each.verdict).toBe('failed');
              expect(state.until).toBe(now + policy.openMs);
              if (before.kind === 'closed')
                expect(totalOf(before.parts).calls + 1).toBeGreaterThanOrEqual(policy.minimumCalls);
            }
          }
          expect(state.epoch).toBeGreaterThanOrEqual(before.epoch);
          if (state.kind === 'half-open') {
            expect(state.running).toBe(permits.filter(({ epoch }) => epoch === state.epoch).length);
            expect(state.running + state.passed).toBeLessThanOrEqual(policy.probes);
          }
          if (state.kind === 'closed') expect(state.parts.length).toBeLessThanOrEqual(10);
        }
      }),
    );
  });

  const stateAfter = (...calls: ['ok' | 'failed', number][]): BreakerState =>
    calls.reduce((state, [verdict, at]) => settle(state, { epoch: 0 }, verdict, at, policy), CLOSED);

  it.each([
    ['four failures within the window', [1000, 1100, 1200, 1999], 'open'],
    ['one that came when the others had left it', [1000, 1100, 1200, 2300], 'closed'],
    ['a clock that was set back', [1000, 1100, 1200, 400], 'open'],
  ] as const)('after %2$s with %1$s', (_what, times, kind) => {
    expect(stateAfter(...times.map((at): ['failed', number] => ['failed', at])).kind).toBe(kind);
  });

  it('goes by the share of failures, and opens with a failure only', () => {
    const well = [1000, 1001, 1002, 1003].map((at): ['ok', number] => ['ok', at]);
    expect(stateAfter(...well, ['failed', 1004], ['failed', 1005], ['failed', 1006]).kind).toBe('closed');
    expect(stateAfter(...well, ['failed', 1004], ['failed', 1005], ['failed', 1006], ['failed', 1007]).kind).toBe(
      'open',
    );
    expect(stateAfter(['failed', 1000], ['failed', 1001], ['failed', 1002], ['ok', 1003]).kind).toBe('closed');
  });
});

function world(rest: Partial<typeof policy> = {}) {
  const clock = createFakeClock();
  const breakers = createBreakers();
  let sent = 0;
  const next = { run: async () => resultOf(1) };
  const rule = createBreakerRule({ source: 'shop', policy: { ...policy, ...rest }, breakers, now: clock.now });
  const caller = rule(async () => {
    sent += 1;
    return await next.run();
  });
  const call = (operation = 'get') => caller(callOf(operation));
  return { clock, breakers, next, call, sent: () => sent };
}

describe('the breaker rule', () => {
  const counts: Partial<Record<ErrorCode, boolean>> = {
    UPSTREAM_UNREACHABLE: true,
    UPSTREAM_TIMEOUT: true,
    UPSTREAM_FAILED: true,
    UPSTREAM_BAD_PAYLOAD: true,
  };

  it.each(Object.keys(errorTable) as ErrorCode[])('is opened or not by %s', async (code) => {
    const { breakers, next, call } = world();
    next.run = async () => {
      throw faultOf(code);
    };
    for (let n = 0; n < policy.minimumCalls; n += 1) await failureOf(call());
    expect(breakers.list()[0]?.state).toBe(counts[code] ? 'open' : 'closed');
  });

  it('is not opened by errors that are the answer of a source', async () => {
    const { breakers, next, call, sent } = world();
    next.run = async () => {
      throw new GatewayError('UPSTREAM_FAILED', { source: 'shop', isAnswer: true });
    };
    for (let n = 0; n < 4 * policy.minimumCalls; n += 1) expect((await failureOf(call())).code).toBe('UPSTREAM_FAILED');
    expect([breakers.list()[0]?.state, sent()]).toEqual(['closed', 4 * policy.minimumCalls]);
  });

  it('gives an operation a rest and says for how long, while others are called', async () => {
    const { clock, next, call, sent } = world();
    next.run = async () => {
      throw faultOf('UPSTREAM_FAILED', 500);
    };
    for (let n = 0; n < 4; n += 1) expect((await failureOf(call())).code).toBe('UPSTREAM_FAILED');
    const fault = await failureOf(call());
    expect(fault).toMatchObject({ code: 'CIRCUIT_OPEN', source: 'shop', headers: { 'Retry-After': '1' } });
    expect(sent()).toBe(4);
    next.run = async () => resultOf('well');
    expect((await call('other')).data).toBe('well');
    clock.advance(500);
    expect((await call()).data).toBe('well');
    expect((await call()).data).toBe('well');
    expect((await call()).data).toBe('well');
  });

  it('lets a few probe at a time, and a failed one opens it again', async () => {
    const { breakers, clock, next, call, sent } = world();
    next.run = async () => {
      throw faultOf('UPSTREAM_FAILED', 500);
    };
    for (let n = 0; n < 4; n += 1) await failureOf(call());
    clock.advance(500);
    const probing = holdTransport();
    next.run = () => probing.caller(callOf('get'));
    const [well, ill] = [call(), failureOf(call())];
    expect((await failureOf(call())).code).toBe('CIRCUIT_OPEN');
    expect(sent()).toBe(6);
    probing.held[0]?.resolve(resultOf(1));
    await well;
    expect(breakers.list()[0]?.state).toBe('half-open');
    probing.held[1]?.reject(faultOf('UPSTREAM_TIMEOUT'));
    await ill;
    expect(breakers.list()[0]).toMatchObject({ state: 'open', until: clock.now() + 500 });
  });

  it('counts slow calls as failed, whatever they answer, but not clients that leave', async () => {
    const { breakers, clock, next, call } = world();
    const slow = (end: () => ReturnType<typeof resultOf>) => async () => {
      clock.advance(101);
      return end();
    };
    next.run = slow(() => {
      throw faultOf('CLIENT_CLOSED');
    });
    for (let n = 0; n < 8; n += 1) await failureOf(call());
    expect(breakers.list()[0]).toMatchObject({ state: 'closed', calls: 0 });
    next.run = slow(() => resultOf(1));
    await call();
    next.run = slow(() => {
      throw faultOf('DEADLINE_EXCEEDED');
    });
    for (let n = 0; n < 3; n += 1) await failureOf(call());
    expect(breakers.list()[0]?.state).toBe('open');
  });

  it('obeys an operator, and begins anew when it is let go', async () => {
    const { breakers, next, call, sent } = world();
    expect(breakers.force('shop', 'get', 'open')).toEqual([]);
    await call();
    expect(breakers.force('shop', 'get', 'open')).toMatchObject([{ operation: 'get', forced: 'open' }]);
    expect((await failureOf(call())).code).toBe('CIRCUIT_OPEN');
    expect(sent()).toBe(1);
    expect(breakers.list()).toEqual([
      { source: 'shop', operation: 'get', automatic: false, state: 'closed', forced: 'open', calls: 1, failures: 0 },
    ]);
    breakers.force('shop', 'get', 'closed');
    next.run = async () => {
      throw faultOf('UPSTREAM_FAILED', 500);
    };
    for (let n = 0; n < 9; n += 1) expect((await failureOf(call())).code).toBe('UPSTREAM_FAILED');
    breakers.force('shop', 'get', undefined);
    expect(breakers.get('shop', 'get')).toMatchObject({ state: 'closed', calls: 0, failures: 0 });
    expect(breakers.get('shop', 'get')).not.toHaveProperty('forced');
  });

  it('is known for every operation before its first call, but for streams', async () => {
    const sdl = `type Query { get: JSON ${httpOperation} } type Mutation { put: JSON ${httpOperation} }`;
    const base = optionsOf({ sdl, endpoints: ['http://127.0.0.1:9'], policy: { breaker: {} } });
    const [first] = base.operations;
    if (!first) throw new Error('there is no operation');
    const operations = [...base.operations, { ...first, name: 'ticks', kind: 'subscription' as const }];
    const breakers = createBreakers();
    await using connector = openConnector('rest', { ...base, operations }, [], { breakers });
    expect(breakers.list().map(({ operation }) => operation)).toEqual(['get', 'put']);
    expect(breakers.list().map(({ automatic }) => automatic)).toEqual([true, true]);
    expect(breakers.force('shop', 'put', 'open')).toHaveLength(1);
    expect((await failureOf(connector.call(callOf('put')))).code).toBe('CIRCUIT_OPEN');
  });

  it('remembers what it saw also where there is no room to list it', async () => {
    const breakers = createBreakers({ maxBreakers: 0 });
    const rule = createBreakerRule({ source: 'shop', policy, operations: ['get'], breakers, now: () => 0 });
    const call = rule(async () => {
      throw faultOf('UPSTREAM_FAILED', 500);
    });
    for (let n = 0; n < policy.minimumCalls; n += 1) await failureOf(call(callOf('get')));
    expect((await failureOf(call(callOf('get')))).code).toBe('CIRCUIT_OPEN');
  });

  it('is kept for a bounded number of operations', async () => {
    const breakers = createBreakers({ maxBreakers: 2 });
    for (const name of ['a', 'b', 'c', 'd']) breakers.of('shop', name);
    expect(breakers.list().map(({ operation }) => operation)).toEqual(['a', 'b']);
  });
});
