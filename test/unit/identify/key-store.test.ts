/** What every store of API keys does: in memory, on one Redis, on a Cluster of several. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyRecord, keyRecord } from '../../../gateway/config/api-keys.ts';
import { Secret } from '../../../gateway/config/secret.ts';
import type { WritableKeyStore } from '../../../gateway/identify/key-store.ts';
import { hashKey } from '../../../gateway/identify/key-store.ts';
import { createMemoryKeys } from '../../../gateway/identify/memory-keys.ts';
import { createRedisKeys } from '../../../gateway/identify/redis-keys.ts';
import { startMasters } from '../../kit/redis-groups.ts';
import { reaches, redisUrl } from '../../kit/redis-servers.ts';
import { until } from '../../kit/until.ts';

const hasRedis = await reaches(redisUrl);
// Said aloud: a suite that was left out must not look like one that passed.
if (!hasRedis) process.stderr.write(`SKIPPED: no Redis at ${redisUrl}, API keys on it are not tested\n`);

const cluster = await startMasters(3);
if (!cluster) process.stderr.write('no redis-server: API keys are not tested on a Cluster\n');
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

const single = { url: new Secret(redisUrl) };
const several = cluster?.settings ?? {};

/** A prefix of its own for each store: with a word in braces and, since the store puts them there, without. */
const onRedis = (place: object, prefix: string) => () =>
  createRedisKeys({
    ...place,
    prefix: prefix.replace('ID', randomUUID()),
    timeoutMs: 5000,
    now: Date.now,
    onFault: () => undefined,
  });
const stores: [name: string, open: () => WritableKeyStore, runs: boolean][] = [
  ['in memory', () => createMemoryKeys(), true],
  ['on Redis', onRedis(single, 'tributary-test:{ID}:'), hasRedis],
  ['on a Cluster of three', onRedis(several, 'tributary-test:{ID}:'), cluster !== undefined],
  ['on a Cluster, under a prefix without braces', onRedis(several, 'tributary-test:ID:'), cluster !== undefined],
];

function record(id: string, ...secrets: { hash: string; expiresAt?: string }[]): KeyRecord {
  return keyRecord.parse({
    id,
    name: `${id} ä€`,
    tenant: 'acme',
    roles: ['r'],
    scopes: ['a', 'b'],
    claims: { level: 3 },
    secrets,
  });
}

describe.each(stores)('a store of keys %s', (_name, open, runs) => {
  let store: WritableKeyStore;
  const used = new Set<string>();
  const put = async (each: KeyRecord): Promise<void> => {
    used.add(each.id);
    await store.put(each);
  };
  beforeAll(() => {
    if (runs) store = open();
  });
  afterAll(async () => {
    if (!runs) return;
    for (const id of used) await store.delete(id);
    await store[Symbol.asyncDispose]();
  });

  it.runIf(runs)('finds a record by the hash of any of its secrets, and by its id, as it was put', async () => {
    const [one, two] = [hashKey(randomUUID()), hashKey(randomUUID())];
    const own = record('web', { hash: one, expiresAt: new Date(Date.now() + 60_000).toISOString() }, { hash: two });
    await put(own);
    expect(await store.find(one)).toEqual(own);
    expect(await store.find(two)).toEqual(own);
    expect(await store.read('web')).toEqual(own);
    expect(await store.find(hashKey('another'))).toBeUndefined();
    expect(await store.read('another')).toBeUndefined();
  });

  it.runIf(runs)('forgets the secrets that a record has no more', async () => {
    const [old, next] = [hashKey(randomUUID()), hashKey(randomUUID())];
    await put(record('app', { hash: old }));
    await put(record('app', { hash: old }, { hash: next }));
    expect((await store.find(old))?.secrets).toHaveLength(2);
    await put(record('app', { hash: next }));
    expect([await store.find(old), (await store.find(next))?.id]).toEqual([undefined, 'app']);
  });

  it.runIf(runs)('forgets a record with all its secrets, and is not troubled by one that is not there', async () => {
    const hash = hashKey(randomUUID());
    await put(record('gone', { hash }));
    await store.delete('gone');
    await store.delete('gone');
    expect([await store.find(hash), await store.read('gone')]).toEqual([undefined, undefined]);
  });
});

it.runIf(hasRedis)('Redis forgets a secret by itself when its time is up', async () => {
  const store = onRedis(single, 'tributary-test:{ID}:')();
  const hash = hashKey(randomUUID());
  await store.put(record('short', { hash, expiresAt: new Date(Date.now() + 40).toISOString() }));
  await until(async () => (await store.find(hash)) === undefined);
  await store.delete('short');
  await store[Symbol.asyncDispose]();
});

it('a Redis that is not there makes look-ups fail, which hold no arguments', async () => {
  const gone = { url: new Secret('redis://127.0.0.1:1'), prefix: 'x', timeoutMs: 50 };
  const store = createRedisKeys({ ...gone, now: Date.now, onFault: () => undefined });
  for (const _turn of [1, 2]) {
    const error = await Promise.resolve(store.find('a')).catch((cause: unknown) => cause);
    expect([error instanceof Error, Object.keys(error as Error)]).toEqual([true, []]);
  }
  await store[Symbol.asyncDispose]();
});
