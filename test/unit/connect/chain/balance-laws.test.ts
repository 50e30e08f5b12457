/** Laws of balancing with calls that last, are left, fail late, and checks that find endpoints ill. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { endpointOutlier } from '../../../../gateway/config/rules.ts';
import { createBalancer } from '../../../../gateway/connect/chain/balance.ts';
import { isEjected } from '../../../../gateway/connect/chain/outlier.ts';
import type { Call, Connector } from '../../../../gateway/connect/connector.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { callOf } from '../kit.ts';
import { faultOf, type Held, resultOf, settled } from './kit.ts';

it('who is left out or ill gets nothing while others are well, no more than half are left out, and loads are what is under way', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('call' as const), streams: fc.boolean() }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('end' as const),
        which: fc.nat(20),
        how: fc.constantFrom('well', 'UPSTREAM_FAILED', 'UPSTREAM_TIMEOUT', 'UPSTREAM_REJECTED'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(150) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('check' as const), which: fc.nat(4), well: fc.boolean() }) },
  );
  const inputs = fc.record({
    size: fc.integer({ min: 2, max: 5 }),
    steps: fc.array(step, { maxLength: 50, size: 'max' }),
    chances: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(inputs, async ({ size, steps, chances }) => {
      const clock = createFakeClock();
      const open: (Held & { endpoint: number; client: AbortController })[] = [];
      let chosen: number | undefined;
      const hold = (endpoint: number, call: Call): Promise<unknown> =>
        new Promise((resolve, reject) => {
          chosen = endpoint;
          const client = clients.get(call.args['id'] as number);
          if (client) open.push({ call, endpoint, client, resolve, reject });
        });
      const clients = new Map<number, AbortController>();
      const connectors = Array.from(
        { length: size },
        (_, endpoint): Connector => ({
          source: 'shop',
          kind: 'grpc',
          call: async (call) => {
            await hold(endpoint, call);
            return resultOf(endpoint);
          },
          stream: async function* (call) {
            yield await hold(endpoint, call);
          },
          [Symbol.asyncDispose]: async () => undefined,
        }),
      );
      const [first, second, ...others] = connectors;
      if (!first || !second) throw new Error('two at least');
      let turn = 0;
      const random = (): number => chances[turn++ % chances.length] ?? 0;
      const policy = endpointOutlier.parse({ consecutiveFailures: 2, ejectionMs: 100, maxEjectionMs: 250 });
      const balancer = createBalancer({ connectors: [first, second, ...others], policy, now: clock.now, random });

      for (const each of steps) {
        const before = balancer.endpoints().map((state) => state.healthy && !isEjected(state, clock.now()));
        if (each.kind === 'call') {
          const id = clients.size;
          const client = new AbortController();
          clients.set(id, client);
          const call = callOf('get', { id }, { signal: client.signal });
          if (each.streams)
            balancer
              .stream?.(call)
              [Symbol.asyncIterator]()
              .next()
              .catch(() => undefined);
          else balancer.call(call).catch(() => undefined);
          await settled();
          if (before.includes(true)) expect(before[chosen ?? -1]).toBe(true);
        } else if (each.kind === 'end' || each.kind === 'leave') {
          const [one] = open.splice(each.which % Math.max(1, open.length), 1);
          if (!one) continue;
          if (each.kind === 'leave') {
            one.client.abort(faultOf('CLIENT_CLOSED'));
            one.reject(faultOf('CLIENT_CLOSED'));
          } else if (each.how === 'well') one.resolve(resultOf(1));
          else one.reject(faultOf(each.how));
          await settled();
          // Streams that gave their message are under way until they are read on: this one is left.
          one.client.abort(faultOf('CLIENT_CLOSED'));
        } else if (each.kind === 'pass') clock.advance(each.ms);
        else balancer.report(each.which, each.well);
        await settled();
        const states = balancer.endpoints();
        expect(states.filter((state) => isEjected(state, clock.now())).length).toBeLessThanOrEqual(
          Math.floor(size / 2),
        );
        expect(states.map(({ inFlight }) => inFlight)).toEqual(
          states.map((_, endpoint) => open.filter((one) => one.endpoint === endpoint).length),
        );
      }
    }),
    { numRuns: 50, seed: 13 },
  );
});
