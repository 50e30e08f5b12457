/** The law of what is kept: whatever is put, referred to and forgotten in whatever order, nothing goes that somebody may still need. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegistryStore } from '../../../../gateway/registry/store/store.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { findRedis } from '../../../kit/redis.ts';
import { makeBlob, makeFolderPlace, makeRedisPlace, makeRevision, type Place } from './places.ts';

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
