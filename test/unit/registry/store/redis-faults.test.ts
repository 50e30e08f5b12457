/** What the store on Redis does when Redis is silent, gone or cut off, and when it is reached by Sentinels or is a Cluster. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../../gateway/config/secret.ts';
import type { RedisSettings } from '../../../../gateway/lib/redis-options.ts';
import { openRedisStore } from '../../../../gateway/registry/store/redis-store.ts';
import type { RegistryStore } from '../../../../gateway/registry/store/store.ts';
import { type OwnRedis, startRedis, startRedisCluster } from '../../../kit/redis.ts';
import { findFreePorts, findProgram, startSoftware } from '../../../kit/software.ts';
import { until } from '../../../kit/until.ts';
import { makeBlob, makeRevision } from './places.ts';

const program = findProgram('redis-server', 'redis-server') ?? '';
const TIMEOUT_MS = 150;

const faults: unknown[] = [];
const opened: AsyncDisposable[] = [];

async function closeAll(): Promise<void> {
  faults.length = 0;
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
}
afterEach(closeAll);

async function open(
  place: Omit<RedisSettings, 'timeoutMs'>,
  { prefix = 'test:', timeoutMs = TIMEOUT_MS } = {},
): Promise<RegistryStore> {
  const store = await openRedisStore({
    redis: { ...place, prefix, timeoutMs },
    pollMs: 20,
    keepRevisions: 10,
    maxBlobBytes: 1000,
    now: Date.now,
    onFault: (fault) => faults.push(fault),
  });
  opened.push(store);
  return store;
}

const at = (port: number) => ({ url: new Secret(`redis://127.0.0.1:${port}`) });
const { hash, bytes } = makeBlob('a');

/** Every kind of call, each of which has to end. */
function callsOf(store: RegistryStore): Promise<unknown>[] {
  return [
    store.head(),
    store.getBlob(hash),
    store.putBlob(hash, bytes),
    store.append(makeRevision(1)),
    store.history({ limit: 5 }),
  ];
}

async function codesOf(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  return (await Promise.allSettled(calls)).map((end) => (end.status === 'rejected' ? end.reason.code : end.status));
}

async function headNumber(store: RegistryStore): Promise<number | string> {
  return await store.head().then(
    (head) => head?.number ?? 0,
    (error) => error.code,
  );
}

describe.runIf(program !== '')('a Redis that', () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedis(program);
  });
  afterEach(async () => {
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  const allUnavailable = Array.from({ length: 5 }, () => 'REGISTRY_UNAVAILABLE');

  it('is silent makes every call reject, and is used again when it speaks', async () => {
    const store = await open(at(redis.port));
    await store.append(makeRevision(1));
    redis.freeze();
    try {
      expect(await codesOf(callsOf(store))).toEqual(allUnavailable);
      // Also after the silent connection was given up.
      await until(async () => faults.length > 0);
      expect(await codesOf(callsOf(store))).toEqual(allUnavailable);
    } finally {
      redis.thaw();
    }
    await until(async () => (await headNumber(store)) === 1);
    expect(await store.append(makeRevision(2))).toBe(true);
  });

  it('was killed makes every call reject, keeps what was confirmed, and is used again when it is back', async () => {
    const [store, watched] = [await open(at(redis.port)), await open(at(redis.port))];
    let told = 0;
    watched.watch(() => (told += 1));
    await store.putBlob(hash, bytes);
    await store.append(makeRevision(1, { bundle: hash }));
    await until(() => told === 1);
    await redis.kill();
    await until(async () => (await headNumber(store)) === 'REGISTRY_UNAVAILABLE');
    expect(await codesOf(callsOf(store))).toEqual(allUnavailable);
    // Nor does it keep a gateway from starting.
    const early = await open(at(redis.port));
    expect(await codesOf(callsOf(early))).toEqual(allUnavailable);
    await redis.start();
    await until(async () => (await headNumber(store)) === 1);
    await until(async () => (await headNumber(early)) === 1);
    expect(await early.getBlob(hash)).toEqual(bytes);
    expect(await early.append(makeRevision(2))).toBe(true);
    await until(() => told === 2);
  });

  it('a replica was cut off from is caught up with', async () => {
    const line = await openLine(redis.port);
    const [near, far] = [await open(at(redis.port)), await open(at(line.port))];
    let told = 0;
    far.watch(() => (told += 1));
    await near.append(makeRevision(1));
    await until(() => told === 1);
    line.cut();
    await until(async () => (await headNumber(far)) === 'REGISTRY_UNAVAILABLE');
    for (const number of [2, 3]) await near.append(makeRevision(number));
    line.mend();
    await until(() => told === 2);
    expect(await headNumber(far)).toBe(3);
  });

  it('lost its latest change in a failover is noticed, also where another has its number by then', async () => {
    const [store, other] = [await open(at(redis.port)), await open(at(redis.port), { prefix: '{test:}other:' })];
    for (const number of [1, 2]) {
      await store.append(makeRevision(number));
      await other.append(makeRevision(number, { by: number === 1 ? 'tester' : 'another' }));
    }
    let told = 0;
    store.watch(() => (told += 1));
    await until(() => told === 1);
    const client = new Redis(redis.url);
    await client.rename('{test:}other:revisions', '{test:}revisions');
    client.disconnect();
    await until(() => told === 2);
    expect((await store.head())?.by).toBe('another');
  });

  it('drops what was not used for long is warned of', async () => {
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru');
    await open(at(redis.port));
    expect(String(faults)).toMatch(/allkeys-lru.*noeviction/);
    await client.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction');
    client.disconnect();
  });
});

describe.runIf(program !== '')('a registry', () => {
  /** What a store has to do at any place. */
  async function useBoth(redis: OwnRedis, place: Omit<RedisSettings, 'timeoutMs'>): Promise<void> {
    const [one, other] = [await open(place, { timeoutMs: 500 }), await open(place, { timeoutMs: 500 })];
    let told = 0;
    one.watch(() => (told += 1));
    await other.putBlob(hash, bytes);
    for (let number = 1; number <= 12; number += 1)
      expect(await other.append(makeRevision(number, { bundle: hash }))).toBe(true);
    expect(await one.append(makeRevision(12))).toBe(false);
    await until(() => told > 0);
    expect(await headNumber(one)).toBe(12);
    expect(await one.history({ limit: 100 })).toHaveLength(10);
    expect(await one.getBlob(hash)).toEqual(bytes);
    redis.freeze();
    await until(async () => (await headNumber(one)) === 'REGISTRY_UNAVAILABLE');
    redis.thaw();
    await until(async () => (await headNumber(one)) === 12);
    const toldBefore = told;
    await until(() => other.append(makeRevision(13)).catch(() => false));
    await until(() => told > toldBefore);
  }

  it('may be in a Cluster', async () => {
    await using redis = await startRedisCluster(program);
    const place = { cluster: { nodes: [{ host: '127.0.0.1', port: redis.port }], tls: false } };
    await open(place, { timeoutMs: 10_000 });
    await useBoth(redis, place);
    await closeAll();
  });

  it('may be in a group that Sentinels watch, with a password', async () => {
    await using redis = await startRedis(program, ['--requirepass', 'secret']);
    const [port = 0, nobody = 0] = await findFreePorts(2);
    const configure = (folder: string): string[] => {
      const lines = [
        `port ${port}`,
        `sentinel monitor main 127.0.0.1 ${redis.port} 1`,
        'sentinel auth-pass main secret',
      ];
      writeFileSync(join(folder, 'sentinel.conf'), `${lines.join('\n')}\n`);
      return ['sentinel.conf', '--sentinel'];
    };
    await using _sentinel = await startSoftware(program, configure, /\+monitor master main/);
    const sentinels = [nobody, port].map((each) => ({ host: '127.0.0.1', port: each }));
    await useBoth(redis, { sentinel: { name: 'main', sentinels, password: new Secret('secret'), tls: false, db: 2 } });
    await closeAll();
  });
});

/** A way to Redis that can be cut, as networks can. */
async function openLine(to: number): Promise<{ port: number; cut(): void; mend(): void }> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (isCut) near.destroy();
    else near.pipe(keep(connect(to, '127.0.0.1'))).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  opened.unshift({
    [Symbol.asyncDispose]: async () => {
      cut();
      await once(server.close(), 'close');
    },
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => {
      isCut = false;
    },
  };
}
