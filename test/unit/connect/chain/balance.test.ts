import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointOutlier } from '../../../../gateway/config/rules.ts';
import { createBalancer } from '../../../../gateway/connect/chain/balance.ts';
import {
  afterCall,
  type EndpointState,
  isEjected,
  mayEjectOne,
  NEW_ENDPOINT,
  pick,
} from '../../../../gateway/connect/chain/outlier.ts';
import type { Caller, Connector } from '../../../../gateway/connect/connector.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { callOf, failureOf } from '../kit.ts';
import { faultOf, resultOf } from './kit.ts';

const policy = endpointOutlier.parse({ consecutiveFailures: 2, ejectionMs: 100, maxEjectionMs: 250 });
const NOW = 1_000_000;

const endpoint = fc.record({
  inFlight: fc.nat(5),
  failures: fc.nat(3),
  ejections: fc.nat(3),
  ejectedUntil: fc.constantFrom(0, NOW + 1),
  healthy: fc.boolean(),
});
const chance = fc.array(fc.double({ min: 0, max: 0.9999, noNaN: true }), { minLength: 2, maxLength: 2 });

describe('the choice of an endpoint', () => {
  it('is one that is well and was not tried, as long as there is one, and never the busiest of all', () => {
    const inputs = fc.tuple(fc.array(endpoint, { minLength: 2, maxLength: 6 }), fc.array(fc.nat(5)), chance);
    fc.assert(
      fc.property(inputs, ([states, tried, numbers]) => {
        const random = [...numbers];
        const all = states.map((_, index) => index);
        const chosen = pick(states, new Set(tried), NOW, () => random.shift() ?? 0);
        const well = all.filter((index) => states[index]?.healthy && !isEjected(states[index], NOW));
        const usable = well.length > 0 ? well : all;
        const untried = usable.filter((index) => !tried.includes(index));
        const candidates = untried.length > 0 ? untried : usable;
        expect(candidates).toContain(chosen);
        const loads = candidates.map((index) => states[index]?.inFlight ?? 0);
        const busiest = Math.max(...loads);
        if (loads.filter((load) => load === busiest).length === 1 && loads.length > 1) {
          expect(states[chosen]?.inFlight).toBeLessThan(busiest);
        }
      }),
    );
  });

  it('reaches every endpoint', () => {
    const seen = new Set<number>();
    const states = [NEW_ENDPOINT, NEW_ENDPOINT, NEW_ENDPOINT];
    for (let n = 0; n < 30; n += 1) seen.add(pick(states, new Set(), NOW, () => (n % 10) / 10));
    expect([...seen].sort()).toEqual([0, 1, 2]);
  });
});

describe('an endpoint', () => {
  const stateAfter = (
    state: EndpointState,
    verdict: 'ok' | 'failed' | 'neutral',
    now: number,
    mayEject = true,
  ): EndpointState => afterCall({ ...state, inFlight: 1 }, verdict, { now, mayEject, policy });

  it('is left out after failures in a row, longer each time, up to a bound, and forgiven when it stays well', () => {
    let state = NEW_ENDPOINT;
    let now = NOW;
    for (const ms of [100, 200, 250, 250]) {
      state = stateAfter(stateAfter(state, 'failed', now), 'failed', now);
      expect(state.ejectedUntil).toBe(now + ms);
      now = state.ejectedUntil;
    }
    expect(stateAfter(state, 'ok', now).ejections).toBe(4);
    expect(stateAfter(state, 'ok', now + 250).ejections).toBe(0);
  });

  it('is not left out for failures that others come between, for calls that say nothing, or when too many are out', () => {
    let state = NEW_ENDPOINT;
    for (const verdict of ['failed', 'ok', 'failed', 'ok', 'failed'] as const) state = stateAfter(state, verdict, NOW);
    for (let n = 0; n < 9; n += 1) state = stateAfter(state, 'neutral', NOW);
    expect(state).toMatchObject({ failures: 1, ejectedUntil: 0 });
    expect(stateAfter(state, 'failed', NOW, false)).toMatchObject({ failures: 2, ejectedUntil: 0 });
  });
});

/** Connectors of which each fails or not, as the test says. */
function fleet(size: number, random: () => number = Math.random, fault = faultOf('UPSTREAM_UNREACHABLE')) {
  const clock = createFakeClock();
  const fails: boolean[] = Array.from({ length: size }, () => false);
  const calls: number[] = fails.map(() => 0);
  const connectors = fails.map((_, index): Connector => {
    const call: Caller = async () => {
      calls[index] = (calls[index] ?? 0) + 1;
      if (fails[index]) throw fault;
      return resultOf(index);
    };
    const stream: Connector['stream'] = async function* () {
      yield index;
    };
    return { source: 'shop', kind: 'grpc', call, stream, [Symbol.asyncDispose]: async () => undefined };
  });
  const [first, second, ...others] = connectors;
  if (!first || !second) throw new Error('a fleet has two ships at least');
  const balancer = createBalancer({ connectors: [first, second, ...others], policy, now: clock.now, random });
  return { balancer, calls, clock, fails };
}

describe('the balancer', () => {
  it('never leaves out more than half, counts what is under way, and comes back to everybody', async () => {
    const step = fc.record({ ill: fc.nat(4), afterMs: fc.nat(60), isIll: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5 }), fc.array(step, { maxLength: 60 }), async (size, steps) => {
        const { balancer, clock, fails } = fleet(size);
        for (const { ill, isIll, afterMs } of steps) {
          if (ill < size) fails[ill] = isIll;
          clock.advance(afterMs);
          await Promise.allSettled([balancer.call(callOf('get')), balancer.call(callOf('get'))]);
          const states = balancer.endpoints();
          const out = states.filter((state) => isEjected(state, clock.now())).length;
          expect(out).toBeLessThanOrEqual(Math.floor(size / 2));
          expect(states.every(({ inFlight }) => inFlight === 0)).toBe(true);
          if (out * 2 > size - 2) expect(mayEjectOne(states, clock.now())).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('leaves out nobody who answers, be it with errors', async () => {
    const { balancer, calls, clock, fails } = fleet(
      2,
      () => 0,
      new GatewayError('UPSTREAM_FAILED', { isAnswer: true }),
    );
    fails.fill(true);
    for (let n = 0; n < 40; n += 1) await failureOf(balancer.call(callOf('get')));
    expect(balancer.endpoints().map((state) => [isEjected(state, clock.now()), state.failures])).toEqual([
      [false, 0],
      [false, 0],
    ]);
    expect(calls.reduce((sum, count) => sum + count)).toBe(40);
  });

  it('gives a repeated call to another endpoint', async () => {
    const { balancer, fails } = fleet(2);
    fails[0] = true;
    for (let n = 0; n < 20; n += 1) {
      const tried = new Set<number>();
      const result = await balancer
        .call(callOf('get', {}, { tried }))
        .catch(() => balancer.call(callOf('get', {}, { tried })));
      expect(result.data).toBe(1);
    }
  });

  it('does not ask who is reported unwell, unless nobody is well', async () => {
    const { balancer, calls } = fleet(2);
    balancer.report(0, false);
    for (let n = 0; n < 10; n += 1) await balancer.call(callOf('get'));
    expect(calls).toEqual([0, 10]);
    balancer.report(1, false);
    for (let n = 0; n < 40; n += 1) await balancer.call(callOf('get'));
    expect(calls[0]).toBeGreaterThan(0);
    balancer.report(0, true);
    const before = calls[1];
    for (let n = 0; n < 10; n += 1) await balancer.call(callOf('get'));
    expect(calls[1]).toBe(before);
  });

  it('counts a stream as a call until it ends, is left, or its call ends', async () => {
    const { balancer } = fleet(2);
    const load = (): number => balancer.endpoints().reduce((sum, { inFlight }) => sum + inFlight, 0);
    const controller = new AbortController();
    const open = () => balancer.stream?.(callOf('watch', {}, { signal: controller.signal }))[Symbol.asyncIterator]();
    const streams = [open(), open(), open()];
    await Promise.all(streams.map((stream) => stream?.next()));
    expect(load()).toBe(3);
    await streams[0]?.next();
    await streams[1]?.return?.();
    expect(load()).toBe(1);
    controller.abort();
    expect(load()).toBe(0);
  });

  it.each([
    ['was cut off because time was up', 'nothing', faultOf('UPSTREAM_TIMEOUT'), 2],
    ['was left before anything came', 'nothing', undefined, 1],
    ['was left after a message', 'message', undefined, 0],
  ] as const)(
    'says of an endpoint whose stream %s after one failure: %j, %s, %i in a row',
    async (_, came, reason, failures) => {
      const { balancer, fails } = fleet(2, () => 0);
      balancer.report(1, false);
      fails[0] = true;
      await failureOf(balancer.call(callOf('get')));
      const controller = new AbortController();
      const stream = balancer.stream?.(callOf('watch', {}, { signal: controller.signal }))[Symbol.asyncIterator]();
      if (came === 'message') await stream?.next();
      controller.abort(reason);
      const [state] = balancer.endpoints();
      // Two in a row are one ejection.
      expect((state?.failures ?? 0) + 2 * (state?.ejections ?? 0)).toBe(failures);
    },
  );
});
