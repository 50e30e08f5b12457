/** The law of what is kept: whatever is put, referred to and forgotten in whatever order, nothing goes that somebody may still need. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegistryStore, Revision } from '../../../../gateway/registry/store/store.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { findRedis } from '../../../kit/redis.ts';
import { makeBlob, makeEntry, makeFolderPlace, makeRedisPlace, makeRevision, type Place } from './places.ts';

const redisUrl = await findRedis();
const HOUR_MS = 3_600_000;
const KEPT = 3;

const kinds: [name: string, make: () => Promise<Place>][] = [['in a folder', makeFolderPlace]];
if (redisUrl !== undefined) kinds.push(['on Redis', () => makeRedisPlace(redisUrl)]);

const blobs = ['a', 'b', 'c', 'd'].map(makeBlob);
const some = fc.uniqueArray(fc.nat(blobs.length - 1), { maxLength: 2 });

/** Time passes, blobs are put, and a revision that refers to some is appended. */
const steps = fc.array(fc.record({ minutes: fc.constantFrom(0, 5, 40, 61, 130), put: some, refers: fc.option(some) }), {
  minLength: 5,
  maxLength: 12,
});

describe.each(kinds)('the registry %s', (_name, make) => {
  it('keeps so many revisions, and what they refer to; what else is old goes', async () => {
    await using place = await make();
    const clock = createFakeClock(Date.now());
    const settings = { keepRevisions: 10, now: clock.now };
    const blobs = Array.from({ length: 6 }, (_, index) => makeBlob(`blob ${index}`));
    const [early, held, version, unified, bundle, loose] = blobs.map(({ hash }) => hash) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const store = await place.open(settings);
    for (const { hash, bytes } of blobs) await store.putBlob(hash, bytes);
    const entry = { ...makeEntry(version, bundle), held: { bundle: held, version: 3, reason: 'waits', at: 1 } };
    await store.append(makeRevision(1, { bundle: early }));
    for (let number = 2; number <= 11; number += 1)
      await store.append(makeRevision(number, { unified, sources: { orders: entry } }));
    expect((await store.history({ limit: 100 })).map(({ number }) => number)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    await store[Symbol.asyncDispose]();
    expect((await place.blobs()).sort()).toEqual(blobs.map(({ hash }) => hash).sort());

    // Each time long enough to be old at the next look, of which there is one with every revision.
    const young = makeBlob('young');
    for (let number = 12; number <= 14; number += 1) {
      clock.advance(HOUR_MS + 1);
      const later = await place.open(settings);
      if (number === 14) await later.putBlob(young.hash, young.bytes);
      await later.append(makeRevision(number, { unified, sources: { orders: entry } }));
      await later[Symbol.asyncDispose]();
    }
    expect((await place.blobs()).sort()).toEqual([held, version, unified, bundle, young.hash].sort());
    await using last = await place.open(settings);
    expect(await last.getBlob(early)).toBeUndefined();
    expect(await last.getBlob(loose)).toBeUndefined();
    expect((await last.history({ limit: 100 })).map(({ number }) => number)).toEqual([
      14, 13, 12, 11, 10, 9, 8, 7, 6, 5,
    ]);
  });

  it('gives a blob that is needed again its place back', async () => {
    await using place = await make();
    const clock = createFakeClock(Date.now());
    const { hash, bytes } = makeBlob('again');
    let number = 0;
    const change = async (sources: Revision['sources'], put = false): Promise<void> => {
      number += 1;
      clock.advance(HOUR_MS + 1);
      const store = await place.open({ keepRevisions: 10, now: clock.now });
      if (put) await store.putBlob(hash, bytes);
      expect(await store.append(makeRevision(number, { sources }))).toBe(true);
      await store[Symbol.asyncDispose]();
    };
    await change({ orders: makeEntry(hash) }, true);
    while (number < 11) await change({});
    // By now nothing refers to it any more: whoever wants it back puts it first, as for the first time.
    await change({ orders: makeEntry(hash) }, true);
    for (let times = 0; times < 5; times += 1) await change({ orders: makeEntry(hash) });
    await using last = await place.open();
    expect(await last.getBlob(hash)).toEqual(bytes);
  });

  it('keeps what a kept revision refers to, and for an hour what was put or is referred to no more', async () => {
    let gone = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        await using place = await make();
        const clock = createFakeClock(Date.now());
        await using store = await place.open({ keepRevisions: KEPT, now: clock.now });
        const model = createModel(clock.now);
        let number = 0;
        for (const { minutes, put, refers } of sequence) {
          clock.advance(minutes * 60_000);
          // Who refers to a blob has seen to it that it is there.
          const wanted = new Set([...put, ...(refers ?? []).filter((blob) => !model.isSure(blob))]);
          for (const blob of wanted) {
            await putBlob(store, blob);
            model.put(blob);
          }
          if (refers) {
            number += 1;
            expect(await store.append(makeRevision(number, entriesOf(refers)))).toBe(true);
            model.append(refers);
          }
          for (const [blob, { hash, bytes }] of blobs.entries()) {
            const found = await store.getBlob(hash);
            if (model.isSure(blob)) expect(found).toEqual(bytes);
            else if (model.wasPut(blob) && found === undefined) gone += 1;
          }
          expect(await store.history({ limit: 100 })).toHaveLength(Math.min(number, KEPT));
        }
        expect(place.faults).toEqual([]);
      }),
      { numRuns: 10, seed: 5 },
    );
    // And something did go.
    expect(gone).toBeGreaterThan(0);
  });
});

/** What has to be there, by the words of the promise. */
function createModel(now: () => number) {
  const sureUntil = new Map<number, number>();
  let revisions: (readonly number[])[] = [];
  const isUsed = (blob: number): boolean => revisions.flat().includes(blob);
  return {
    put: (blob: number) => void sureUntil.set(blob, now() + HOUR_MS),
    append(refers: readonly number[]) {
      const before = new Set(revisions.flat());
      revisions = [...revisions, refers].slice(-KEPT);
      for (const blob of before) if (!isUsed(blob)) sureUntil.set(blob, now() + HOUR_MS);
    },
    wasPut: (blob: number) => sureUntil.has(blob),
    isSure: (blob: number) => isUsed(blob) || (sureUntil.get(blob) ?? 0) >= now(),
  };
}

async function putBlob(store: RegistryStore, blob: number): Promise<void> {
  const { hash, bytes } = blobs[blob] ?? makeBlob('');
  await store.putBlob(hash, bytes);
}

function entriesOf(refers: readonly number[]): Parameters<typeof makeRevision>[1] {
  const versions = refers.map((blob, index) => ({
    version: index + 1,
    bundle: blobs[blob]?.hash ?? '',
    at: 1,
    by: 'tester',
  }));
  const [first] = versions;
  return first ? { sources: { orders: { bundle: first.bundle, version: 1, state: 'active', versions } } } : {};
}
