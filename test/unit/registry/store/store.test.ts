import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RegistryStore, Revision } from '../../../../gateway/registry/store/store.ts';
import { findRedis } from '../../../kit/redis.ts';
import { startMasters } from '../../../kit/redis-groups.ts';
import { until } from '../../../kit/until.ts';
import {
  MAX_BLOB_BYTES,
  makeBlob,
  makeClusterPlace,
  makeEntry,
  makeFolderPlace,
  makeRedisPlace,
  makeRevision,
  type Place,
  type StoreSettings,
} from './places.ts';

const redisUrl = await findRedis();

const kinds: [name: string, make: () => Promise<Place>][] = [['in a folder', makeFolderPlace]];
if (redisUrl !== undefined) kinds.push(['on Redis', () => makeRedisPlace(redisUrl)]);
const cluster = await startMasters(3);
if (cluster) kinds.push(['on a Cluster of three', () => makeClusterPlace(cluster.settings)]);
else process.stderr.write('no redis-server: the registry is not tested on a Cluster\n');
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

describe.each(kinds)('the registry %s', (_name, make) => {
  let place: Place;
  let opened: RegistryStore[];

  beforeEach(async () => {
    place = await make();
    opened = [];
  });

  afterEach(async () => {
    for (const store of opened) await store[Symbol.asyncDispose]();
    expect(place.faults).toEqual([]);
    await place[Symbol.asyncDispose]();
  });

  async function open(settings?: StoreSettings): Promise<RegistryStore> {
    const store = await place.open(settings);
    opened.push(store);
    return store;
  }

  it('is empty at first, and reading it leaves it so', async () => {
    const store = await open();
    expect(await store.head()).toBeUndefined();
    expect(await store.history({ limit: 10 })).toEqual([]);
    expect(await store.getBlob(makeBlob('nothing').hash)).toBeUndefined();
    expect(await store.append(makeRevision(2))).toBe(false);
    expect(await store.head()).toBeUndefined();
  });

  it('gives back what was appended, whatever its texts are, also to others', async () => {
    const { hash } = makeBlob('a');
    const entry = {
      ...makeEntry(hash),
      owner: 'team-ä',
      held: { bundle: hash, version: 2, reason: 'breaks "orders"\n\u2028', at: 5 },
      // What only a newer gateway knows.
      later: { kept: true },
    };
    const sources = { ['__proto__']: entry, constructor: makeEntry(hash), 'ö/../x': makeEntry(hash) };
    const revision = makeRevision(1, { reason: 'weil 😀 \ud800', bundle: hash, unified: hash, sources });
    expect(await (await open()).append(revision)).toBe(true);
    const other = await open();
    // JSON writes half a character as an escape, and reads it as the same half again.
    expect(await other.head()).toEqual(revision);
    expect(await other.history({ limit: 1 })).toEqual([revision]);
  });

  it('takes the next number only, and each number once', async () => {
    const [one, other] = [await open(), await open()];
    expect(await one.append(makeRevision(1))).toBe(true);
    for (const number of [1, 3]) expect(await other.append(makeRevision(number, { by: 'other' }))).toBe(false);
    expect(await other.append(makeRevision(2))).toBe(true);
    expect((await one.head())?.number).toBe(2);
    expect((await one.history({ limit: 9 })).map(({ by }) => by)).toEqual(['tester', 'tester']);
  });

  it('lets one of many writers win each number, and loses none of their changes', async () => {
    const stores = await Promise.all(Array.from({ length: 20 }, () => open()));
    const lost = await Promise.all(stores.map((store, index) => appendUntilDone(store, `writer-${index}`)));
    const history = await stores[0]?.history({ limit: 100 });
    expect(history?.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => 20 - index));
    expect(new Set(history?.map(({ by }) => by)).size).toBe(20);
    // They did meet.
    expect(lost.reduce((sum, times) => sum + times, 0)).toBeGreaterThan(0);
  });

  it('refuses what is no revision, since it would stand there forever', async () => {
    const store = await open();
    const bad: unknown[] = [
      makeRevision(0),
      makeRevision(1, { bundle: '../../secrets' }),
      makeRevision(1, { sources: { orders: makeEntry('x') } }),
      { ...makeRevision(1), what: 'explode' },
    ];
    for (const revision of bad)
      await expect(store.append(revision as Revision)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await store.head()).toBeUndefined();
  });

  it('keeps blobs by their content, once however often they are put', async () => {
    const store = await open();
    const { hash, bytes } = makeBlob('\u0000\r\n ä');
    await Promise.all([store.putBlob(hash, bytes), store.putBlob(hash, bytes), (await open()).putBlob(hash, bytes)]);
    expect(await store.getBlob(hash)).toEqual(bytes);
    expect(await place.blobs()).toEqual([hash]);
  });

  it('takes no blob of another name, none that is too large, and no name that is no hash', async () => {
    const store = await open();
    const { hash, bytes } = makeBlob('a');
    await expect(store.putBlob(makeBlob('b').hash, bytes)).rejects.toMatchObject({ code: 'INTERNAL' });
    const large = makeBlob('x'.repeat(MAX_BLOB_BYTES + 1));
    await expect(store.putBlob(large.hash, large.bytes)).rejects.toMatchObject({ code: 'BAD_REQUEST', status: 413 });
    const names = ['', '../revisions/000000000001.json', hash.slice(1), hash.toUpperCase(), `${hash}\n`, `../${hash}`];
    for (const name of names) {
      await expect(store.putBlob(name, bytes)).rejects.toMatchObject({ code: 'BAD_REQUEST', status: 400 });
      await expect(store.getBlob(name)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
    await store.putBlob(hash, bytes);
    expect(await place.blobs()).toEqual([hash]);
  });

  it('takes blobs out of files and puts them into files, under the same rules', async () => {
    const store = await open();
    const dir = await mkdtemp(join(tmpdir(), 'tributary-blobs-'));
    try {
      const { hash, bytes } = makeBlob('\u0000\r\n ä');
      const [from, to] = [join(dir, 'from'), join(dir, 'to')];
      await writeFile(from, bytes);
      expect(await store.copyBlob(hash, to)).toBe(false);
      await expect(store.putBlobFile('../x', from)).rejects.toMatchObject({ code: 'BAD_REQUEST', status: 400 });
      await expect(store.copyBlob('../x', to)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      await Promise.all([store.putBlobFile(hash, from), store.putBlobFile(hash, from)]);
      expect(await place.blobs()).toEqual([hash]);
      expect(await store.getBlob(hash)).toEqual(bytes);
      expect(await (await open()).copyBlob(hash, to)).toBe(true);
      expect(await readFile(to)).toEqual(bytes);
      await writeFile(from, 'x'.repeat(MAX_BLOB_BYTES + 1));
      const large = makeBlob('x'.repeat(MAX_BLOB_BYTES + 1));
      await expect(store.putBlobFile(large.hash, from)).rejects.toMatchObject({ code: 'BAD_REQUEST', status: 413 });
      expect(await place.blobs()).toEqual([hash]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('says which blob is damaged, and mends it when it is put again', async () => {
    const store = await open();
    const { hash, bytes } = makeBlob('a');
    await store.putBlob(hash, bytes);
    await place.damageBlob(hash);
    await expect(store.getBlob(hash)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining(hash),
    });
    await store.putBlob(hash, bytes);
    expect(await store.getBlob(hash)).toEqual(bytes);
  });

  it.each(['tearRevision', 'bendRevision'] as const)(
    'never shows an older head in place of a damaged one: %s',
    async (way) => {
      const store = await place.open();
      for (const number of [1, 2]) await store.append(makeRevision(number));
      await store[Symbol.asyncDispose]();
      await place[way](2);
      const wanted = { code: 'INTERNAL', message: expect.stringContaining(place.nameOf(2)) };
      for (const each of [await open(), await open()]) {
        await expect(each.head()).rejects.toMatchObject(wanted);
        await expect(each.history({ limit: 1 })).rejects.toMatchObject(wanted);
        expect(await each.history({ before: 2, limit: 1 })).toEqual([makeRevision(1)]);
      }
    },
  );

  it('has a history by source and in pages', async () => {
    const store = await open();
    const sourceOf = (number: number): string => (number % 7 === 0 ? 'seven' : 'other');
    for (let number = 1; number <= 64; number += 1)
      await store.append(makeRevision(number, { source: sourceOf(number) }));
    const numbers = async (options: Parameters<RegistryStore['history']>[0]): Promise<number[]> =>
      (await store.history(options)).map(({ number }) => number);
    expect(await numbers({ limit: 3 })).toEqual([64, 63, 62]);
    expect(await numbers({ limit: 3, before: 62 })).toEqual([61, 60, 59]);
    expect(await numbers({ limit: 3, before: 1000 })).toEqual([64, 63, 62]);
    expect(await numbers({ limit: 3, before: 2 })).toEqual([1]);
    expect(await numbers({ limit: 3, before: 1 })).toEqual([]);
    expect(await numbers({ limit: 3, source: 'seven', before: 60 })).toEqual([56, 49, 42]);
    expect(await numbers({ limit: 1000, source: 'seven' })).toHaveLength(9);
    expect(await numbers({ limit: 1000 })).toHaveLength(64);
    expect(await numbers({ limit: 5, source: 'nobody' })).toEqual([]);
  });

  it('tells watchers of every change, whoever made it, until they leave', async () => {
    const [watched, other] = [await open(), await open()];
    const heard = { first: 0, second: 0 };
    const end = watched.watch(() => (heard.first += 1));
    for (let number = 1; number <= 3; number += 1) {
      const before = heard.first;
      await other.append(makeRevision(number));
      await until(() => heard.first > before);
    }
    // Who comes late is told of what there is.
    const endSecond = watched.watch(() => (heard.second += 1));
    await until(() => heard.second === 1);
    end();
    await watched.append(makeRevision(4));
    await until(() => heard.second === 2);
    expect(heard.first).toBe(3);
    endSecond();
    await other.append(makeRevision(5));
    const late = await open();
    let isLateTold = false;
    late.watch(() => {
      isLateTold = true;
    });
    await until(() => isLateTold);
    expect(heard).toEqual({ first: 3, second: 2 });
  });
});

/** How often it was too late. */
async function appendUntilDone(store: RegistryStore, by: string): Promise<number> {
  for (let lost = 0; ; lost += 1) {
    const number = ((await store.head())?.number ?? 0) + 1;
    if (await store.append(makeRevision(number, { by }))) return lost;
  }
}
