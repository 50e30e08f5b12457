/** Whatever is kept in Redis is reached in the same ways: one server, a group that Sentinels watch, a Cluster. */
import { describe, expect, it } from 'vitest';
import { gatewaySchema } from '../../../gateway/config/schema.ts';

type Place = Readonly<Record<string, unknown>>;

const sections: [name: string, of: (redis: Place) => object][] = [
  ['responseCache', (redis) => ({ responseCache: { redis } })],
  ['callCache', (redis) => ({ callCache: { redis } })],
  ['limitStore', (redis) => ({ limitStore: { redis } })],
  ['persistedOperations', (redis) => ({ persistedOperations: { redis } })],
  ['registry', (redis) => ({ registry: { kind: 'redis', redis } })],
  ['operations', (redis) => ({ operations: { redis } })],
  ['identity.apiKeys', (redis) => ({ identity: { apiKeys: { redis } } })],
];
const url = { url: 'redis://a' };
const sentinel = { sentinel: { name: 'shop', sentinels: [{ host: 'a' }], password: 'p', tls: true, db: 1 } };
const cluster = { cluster: { nodes: [{ host: 'a' }, { host: 'b', port: 7000 }], username: 'u' } };

describe.each(sections)('%s', (_name, of) => {
  const takes = (redis: Place): boolean => gatewaySchema.safeParse(of(redis)).success;

  it.each([url, sentinel, cluster])('takes %j, with a prefix and a time', (place) => {
    expect([takes(place), takes({ ...place, prefix: 'shop:{a}:', timeoutMs: 60_000 })]).toEqual([true, true]);
  });

  it.each<Place>([
    {},
    { ...url, ...cluster },
    { ...sentinel, ...cluster },
    { url: 'http://a' },
    { cluster: { nodes: [] } },
    { sentinel: { name: 'shop', sentinels: [] } },
    { ...url, timeoutMs: 0 },
    { ...url, host: 'a' },
    // A Cluster would take none of these for a hash tag, or another one than who wrote it means.
    { ...cluster, prefix: '{}shop:' },
    { ...cluster, prefix: '}shop{a}:' },
    { ...cluster, prefix: '{a}:{b}:' },
  ])('refuses %j', (place) => {
    expect(takes(place)).toBe(false);
  });
});
