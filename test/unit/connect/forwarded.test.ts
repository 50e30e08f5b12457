/** Which headers of a client's request shape what a source answers: those that its calls send, and the same ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerRules } from '../../../gateway/config/headers.ts';
import { policySchema } from '../../../gateway/config/policy.ts';
import type { Call } from '../../../gateway/connect/connector.ts';
import { createForwarded } from '../../../gateway/connect/forwarded.ts';
import { createHeaders } from '../../../gateway/connect/headers.ts';

const rules = headerRules('to every source');

describe('headers that shape answers', () => {
  it('are those that are sent on, under the names that clients send them by', () => {
    const policy = policySchema.parse({
      headers: { forward: ['Accept-Language', 'traceparent'], rename: { 'x-a': 'x-b' }, set: { 'x-set': '1' } },
      operations: { own: { headers: { forward: ['x-own'], remove: ['accept-language'] } } },
    });
    const of = createForwarded('shop', rules.parse({ forward: ['x-all', 'x-set'] }), policy, {});
    expect(of('any')).toEqual(['accept-language', 'x-a', 'x-all']);
    expect(of('own')).toEqual(['x-a', 'x-all', 'x-own']);
  });

  it('are left out as tracing only where the client, too, calls them so', () => {
    const policy = policySchema.parse({
      headers: { rename: { 'x-user': 'X-Correlation-Id', traceparent: 'b3', tracestate: 'x-trace' } },
    });
    expect(createForwarded('shop', rules.parse({}), policy, {})('any')).toEqual(['tracestate', 'x-user']);
  });

  it.each([
    { passThrough: true },
    { tokenExchange: { tokenUrl: 'http://t.internal', clientId: 'a', clientSecret: 'b' } },
  ])('hold what the credentials are made of: %j', (auth) => {
    const of = createForwarded('shop', rules.parse({}), policySchema.parse({ auth }), {});
    expect(of('any')).toEqual(['authorization']);
  });

  it('make the difference: calls of requests that are equal in them send the same', () => {
    const name = fc.constantFrom('x-a', 'x-b', 'accept-language', 'authorization', 'traceparent', 'b3');
    const level = fc.record({
      forward: fc.uniqueArray(name, { maxLength: 3 }),
      rename: fc.dictionary(name, fc.constantFrom('y-1', 'y-2', 'x-correlation-id', 'b3'), { maxKeys: 1 }),
    });
    const request = fc.dictionary(name, fc.constantFrom('1', '2'));
    fc.assert(
      fc.property(level, level, level, request, request, (all, source, operation, one, two) => {
        const [widest, own] = [
          rules.safeParse(all).data,
          policySchema.safeParse({ headers: source, operations: { get: { headers: operation } } }).data,
        ];
        if (!widest || !own) return;
        const of = createForwarded('shop', widest, own, {})('get');
        const build = createHeaders({ source: 'shop', headers: {}, headerRules: widest, policy: own, now: () => 0 });
        const sent = (headers: Record<string, string>) =>
          JSON.stringify([
            ...build({ operation: 'get', headers: new Map(Object.entries(headers)) } as unknown as Call, [], true),
          ]);
        const shaping = (headers: Record<string, string>) => JSON.stringify(of.map((each) => headers[each] ?? null));
        expect(shaping(one) === shaping(two)).toBe(sent(one) === sent(two));
      }),
      { seed: 4 },
    );
  });
});
