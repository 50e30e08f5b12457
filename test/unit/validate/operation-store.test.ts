/** One contract for every store of registered operations. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../gateway/config/secret.ts';
import { createMemoryOperationStore } from '../../../gateway/validate/memory-operation-store.ts';
import { inFrontOf } from '../../../gateway/validate/open-operations.ts';
import type { OperationStore } from '../../../gateway/validate/operation-store.ts';
import { createRedisOperationStore } from '../../../gateway/validate/redis-operation-store.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { startMasters } from '../../kit/redis-groups.ts';
import { reaches, redisUrl } from '../../kit/redis-servers.ts';
import { until } from '../../kit/until.ts';

const hasRedis = await reaches(redisUrl);
// Said aloud: a suite that was left out must not look like one that passed.
if (!hasRedis) process.stderr.write(`no Redis at ${redisUrl}: its store of operations is not tested\n`);
const cluster = await startMasters(3);
if (!cluster) process.stderr.write('no redis-server: the store of operations is not tested on a Cluster\n');
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

const onRedis = (place: object = { url: new Secret(redisUrl) }) =>
  createRedisOperationStore({
    ...place,
    prefix: `tributary-test:${randomUUID()}:`,
    ttlMs: 60_000,
    timeoutMs: 5000,
    onFault: () => undefined,
  });
const inMemory = () => createMemoryOperationStore({ maxBytes: 10_000, ttlMs: 60_000, now: Date.now });

describe.each<[string, () => OperationStore, boolean]>([
  ['in memory', inMemory, true],
  ['on Redis', () => onRedis(), hasRedis],
  ['on a Cluster of three', () => onRedis(cluster?.settings), cluster !== undefined],
  ['in memory in front of Redis', () => inFrontOf(inMemory(), onRedis(), () => undefined), hasRedis],
])('a store of operations %s', (_name, open, runs) => {
  let store: OperationStore;
  beforeAll(async () => {
    if (!runs) return;
    store = open();
    const isReady = async () =>
      (await store.set('ready', 'x').then(
        () => store.get('ready'),
        () => undefined,
      )) === 'x';
    await until(isReady);
  });
  afterAll(async () => {
    if (runs) await store[Symbol.asyncDispose]();
  });

  it.runIf(runs)('gives back what was registered, and nothing else', async () => {
    expect(await store.get('a')).toBeUndefined();
    await store.set('a', '{ ä "€" 😀 }');
    await store.set('constructor', 'c');
    expect([await store.get('a'), await store.get('constructor')]).toEqual(['{ ä "€" 😀 }', 'c']);
    expect(await store.get('toString')).toBeUndefined();
  });
});

describe('operations in memory', () => {
  it('are forgotten when their time is up, and when there are too many', async () => {
    const clock = createFakeClock();
    const store = createMemoryOperationStore({ maxBytes: 500, ttlMs: 1000, now: clock.now });
    await store.set('a', '{ a }');
    clock.advance(999);
    expect(await store.get('a')).toBe('{ a }');
    clock.advance(1);
    expect(await store.get('a')).toBeUndefined();
    for (let index = 0; index < 20; index += 1) await store.set(`h${index}`, 'x'.repeat(50));
    expect(await store.get('h0')).toBeUndefined();
    expect(await store.get('h19')).toBe('x'.repeat(50));
  });

  it('go on without Redis when it fails', async () => {
    const faults: unknown[] = [];
    const broken: OperationStore = {
      get: () => Promise.reject(new Error('gone')),
      set: () => Promise.reject(new Error('gone')),
      [Symbol.asyncDispose]: async () => undefined,
    };
    const store = inFrontOf(inMemory(), broken, (error) => faults.push(error));
    expect(await store.get('a')).toBeUndefined();
    await store.set('a', '{ a }');
    expect(await store.get('a')).toBe('{ a }');
    expect(faults).toHaveLength(2);
  });
});
