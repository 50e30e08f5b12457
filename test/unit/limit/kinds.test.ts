/** Rules for kinds of principals: every kind there is can be named. */
import { expect, it } from 'vitest';
import type { Principal } from '../../../gateway/context.ts';
import { anyone, setUp } from './limiter-kit.ts';

type Kind = Principal['kind'];
const all = { anonymous: 0, key: 0, jwt: 0, token: 0, certificate: 0, proxy: 0 } satisfies Record<Kind, 0>;

it.each(Object.keys(all) as Kind[])('a rule may be for principals of kind %s alone', async (kind) => {
  const rule = { name: 'r', by: [], points: 3, cost: 'requests', match: { kinds: [kind] } };
  const { through } = setUp({ rateLimits: [rule] });
  expect(await through({ principal: { ...anyone, kind: kind === 'key' ? 'jwt' : 'key' } })).toBe(50);
  expect(await through({ principal: { ...anyone, kind } })).toBe(3);
});

it('a rule may name all kinds', async () => {
  const rule = { name: 'r', by: [], points: 3, cost: 'requests', match: { kinds: Object.keys(all) } };
  expect(await setUp({ rateLimits: [rule] }).through()).toBe(3);
});
