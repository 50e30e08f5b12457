/** Stores that are slow, away and back, with many who ask: nobody waits for long, and all get answers again. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPatience, type PatienceOptions } from '../../../gateway/lib/patience.ts';
import { createStoreWorld } from '../../kit/store-world.ts';

const TIMEOUT_MS = 20;
const REST_MS = 1000;

function setUp(serviceMs: number, options: Partial<PatienceOptions> = {}) {
  const world = createStoreWorld(serviceMs);
  const faults: unknown[] = [];
  const { now, after } = world;
  const patience = createPatience({
    ...{ timeoutMs: TIMEOUT_MS, restMs: REST_MS, now, after, onFault: (error) => faults.push(error) },
    ...options,
  });
  const ask = () => patience.ask(world.ask);
  return { ...world, patience, ask, faults };
}

describe('a store that bears less than what is asked of it', () => {
  it.each([
    [24, 2],
    [50, 1],
    [100, 2],
  ])('answers much of what it can to %i who ask it, %i ms each, also after it was away', async (count, serviceMs) => {
    const { store, pass, startLoops, ask } = setUp(serviceMs);
    store.mood = 'silent';
    const seen = startLoops(count, 10, ask);
    await pass(1500);
    store.mood = 'well';
    await pass(1500);
    const before = { ...seen };
    await pass(2000);
    // All at once would be late each time, so that none but the one who looks whether it is back would ever get an answer.
    expect(seen.answered - before.answered).toBeGreaterThan((0.4 * 2000) / serviceMs);
    expect(seen.without - before.without).toBeGreaterThan(0);
    expect(seen.longestMs).toBeLessThanOrEqual(TIMEOUT_MS);
  });

  it('is slow and not away while it answers at all: it is never left alone, and few wait', async () => {
    const { pass, startLoops, ask, asked } = setUp(25);
    const seen = startLoops(20, 5, ask);
    await pass(1000);
    const before = { asked: asked(), without: seen.without };
    seen.mostWaiting = 0;
    await pass(2000);
    // One at a time waits, all the time.
    expect(asked() - before.asked).toBeGreaterThan(2000 / (TIMEOUT_MS + 6));
    expect(seen.without - before.without).toBeGreaterThan(1000);
    expect(seen.mostWaiting).toBe(1);
  });
});

describe('a store that is back', () => {
  it('answers all who ask again within a bounded time, however many they are and whatever happened to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.tuple(fc.constantFrom('well', 'silent', 'gone', 'slow'), fc.integer({ min: 1, max: 800 })), {
          maxLength: 4,
        }),
        async (count, history) => {
          const serviceMs = 10 / count;
          const { store, pass, startLoops, ask } = setUp(serviceMs);
          const seen = startLoops(count, 15, ask);
          for (const [mood, ms] of history) {
            store.mood = mood === 'slow' ? 'well' : mood;
            store.serviceMs = mood === 'slow' ? 30 / count : serviceMs;
            await pass(ms);
          }
          store.mood = 'well';
          store.serviceMs = serviceMs;
          await pass(2 * REST_MS);
          const before = { ...seen };
          await pass(100);
          expect(seen.without - before.without).toBe(0);
          expect(seen.answered).toBeGreaterThan(before.answered);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is asked by one, then two, then four: not by all who wait for it', async () => {
    const { store, pass, ask, asked } = setUp(1);
    store.mood = 'gone';
    for (let turn = 0; turn < 10; turn += 1) {
      await ask();
      await pass(20);
    }
    await pass(REST_MS);
    store.mood = 'well';
    const rounds: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const before = asked();
      const all = Array.from({ length: 100 }, ask);
      rounds.push(asked() - before);
      await pass(TIMEOUT_MS - 1);
      await Promise.all(all);
    }
    expect(rounds).toEqual([1, 2, 4, 8, 16]);
  });

  it('says so by an answer that nobody waits for any more', async () => {
    const { store, pass, ask, patience, after, asked } = setUp(1);
    const given: string[] = [];
    const thawed = () => new Promise<string>((resolve) => after(300, () => resolve('late')));
    const slow = patience.ask(thawed, (value) => given.push(value));
    store.mood = 'silent';
    for (let turn = 0; turn < 10; turn += 1) {
      void ask();
      await pass(TIMEOUT_MS);
    }
    expect(await slow).toBeUndefined();
    const before = asked();
    await ask();
    expect(asked()).toBe(before);
    store.mood = 'well';
    await pass(100);
    expect(given).toEqual(['late']);
    const answer = ask();
    await pass(1);
    expect(await answer).toEqual({ value: 'answer' });
  });

  it('is asked again also where the clock was set back meanwhile', async () => {
    let shift = 0;
    const world = createStoreWorld(1);
    const patience = createPatience({
      ...{ timeoutMs: TIMEOUT_MS, now: () => world.now() - shift, after: world.after, onFault: () => undefined },
    });
    world.store.mood = 'gone';
    for (let turn = 0; turn < 10; turn += 1) {
      await patience.ask(world.ask);
      await world.pass(TIMEOUT_MS);
    }
    world.store.mood = 'well';
    shift = 3_600_000;
    const answer = patience.ask(world.ask);
    await world.pass(1);
    expect(await answer).toEqual({ value: 'answer' });
  });
});

describe('a store that is away', () => {
  it.each(['silent', 'gone'] as const)(
    'keeps nobody waiting for longer than it may, and soon no more than one: %s',
    async (mood) => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 40 }), async (count, most) => {
          const { store, pass, startLoops, ask, asked, faults } = setUp(0.01, { most });
          const seen = startLoops(count, 15, ask);
          await pass(200);
          store.mood = mood;
          const before = asked();
          seen.mostWaiting = 0;
          await pass(500);
          const first = asked() - before;
          seen.mostWaiting = 0;
          await pass(3 * REST_MS);
          expect(seen.mostWaiting).toBeLessThanOrEqual(1);
          expect(seen.longestMs).toBeLessThanOrEqual(TIMEOUT_MS);
          // Once in each rest, and what a wave or two took to be sure.
          expect(asked() - before - first).toBeLessThanOrEqual(4);
          if (mood === 'silent') expect(first).toBeLessThanOrEqual(3 * Math.min(count, most) + 6);
          expect(faults.length).toBeLessThanOrEqual(20);
        }),
        { numRuns: 15 },
      );
    },
  );

  it('has no more waiting than may: the others go on at once', async () => {
    const { store, pass, ask, asked } = setUp(1, { most: 7 });
    store.mood = 'silent';
    const answers = Array.from({ length: 50 }, ask);
    expect(asked()).toBe(7);
    expect(await Promise.all(answers.slice(7))).toEqual(Array.from({ length: 43 }, () => undefined));
    await pass(TIMEOUT_MS);
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 50 }, () => undefined));
  });

  it('in part keeps the rest of it as it is: those who get answers go on getting them', async () => {
    const { pass, startLoops, patience, ask } = setUp(0.1);
    let turn = 0;
    const seen = startLoops(30, 5, async () => {
      turn += 1;
      // One server of three.
      return turn % 3 === 0 ? await patience.ask(() => new Promise(() => undefined)) : await ask();
    });
    await pass(2000);
    const before = { ...seen };
    await pass(2000);
    const [answered, without] = [seen.answered - before.answered, seen.without - before.without];
    expect(answered / (answered + without)).toBeGreaterThan(0.6);
  });
});

describe('what this process is itself to blame for', () => {
  it('says nothing against the store: it was busy, and came to look too late', async () => {
    const world = createStoreWorld(1);
    let now = 0;
    const due: (() => void)[] = [];
    const after = (_ms: number, run: () => void) => {
      due.push(run);
      return () => undefined;
    };
    const patience = createPatience({ timeoutMs: TIMEOUT_MS, now: () => now, after, onFault: () => undefined });
    world.store.mood = 'silent';
    for (let turn = 0; turn < 50; turn += 1) {
      const asked = patience.ask(world.ask);
      now += 2 * TIMEOUT_MS;
      for (const run of due.splice(0)) run();
      expect(await asked).toBeUndefined();
    }
    expect(world.asked()).toBe(50);
    const many = Array.from({ length: 50 }, () => patience.ask(world.ask));
    expect(world.asked()).toBe(100);
    for (const run of due.splice(0)) run();
    await Promise.all(many);
  });
});
