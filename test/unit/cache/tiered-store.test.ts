/** Memory before a store that is shared: what is trusted for how long, and what happens while the shared one is away. */
import { describe, expect, it, vi } from 'vitest';
import { createMemoryStore } from '../../../gateway/cache/memory-store.ts';
import type { AnswerStore, Keepable } from '../../../gateway/cache/store.ts';
import { createTieredStore, type Heard } from '../../../gateway/cache/tiered-store.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { createStoreWorld } from '../../kit/store-world.ts';

const kept = (text: string, tags: string[], freshMs = 60_000): Keepable => ({ text, tags, ttlMs: 60_000, freshMs });

function setUp({ maxOwed = 10 } = {}) {
  const clock = createFakeClock();
  const bounds = { maxBytes: 100_000, maxEntryBytes: 100_000, now: clock.now };
  const shared = createMemoryStore(bounds);
  const asked: string[] = [];
  const faults: unknown[] = [];
  let away = false;
  let heard: Heard['span'];
  let regainedAt: number | undefined;
  const call =
    <A extends unknown[], R>(name: string, run: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      asked.push(name);
      if (away) throw new Error('away');
      return await run(...args);
    };
  const far: AnswerStore = {
    ...shared,
    get: call('get', shared.get),
    begin: call('begin', shared.begin),
    end: call('end', shared.end),
    set: call('set', shared.set),
    drop: call('drop', shared.drop),
  };
  const near = createMemoryStore(bounds);
  const store = createTieredStore({
    ...{ near, far, trustMs: 800, maxOwed, now: clock.now, heard: () => ({ span: heard, regainedAt }) },
    onFault: (error) => faults.push(error),
  });
  const put = async (key: string, answer: Keepable): Promise<boolean> =>
    await store.set(key, answer, (await store.begin(key, 'me', 100)).stamp);
  const textOf = async (key: string): Promise<string | undefined> => (await store.get(key))?.text;
  return {
    ...{ clock, shared, near, far, store, asked, faults, put, textOf },
    leave: () => (away = true),
    comeBack: () => (away = false),
    hear: (span: Heard['span']) => (heard = span),
    regain: () => (regainedAt = clock.now()),
  };
}

describe('memory before a shared store', () => {
  it('asks the shared one for nothing that is known to be good, and for what was not heard of for too long', async () => {
    const { clock, asked, put, textOf, hear } = setUp();
    hear({ from: clock.now(), to: clock.now() });
    await put('a', kept('a', ['t']));
    asked.length = 0;
    clock.advance(5000);
    hear({ from: clock.now() - 5000, to: clock.now() });
    expect([await textOf('a'), asked]).toEqual(['a', []]);
    clock.advance(801);
    expect([await textOf('a'), asked]).toEqual(['a', ['get']]);
    // It is known anew from then on.
    clock.advance(800);
    expect([await textOf('a'), asked]).toEqual(['a', ['get']]);
  });

  it('trusts nothing from before a time at which it heard nothing', async () => {
    const { clock, shared, put, textOf, hear } = setUp();
    hear({ from: clock.now(), to: clock.now() });
    await put('a', kept('a', ['t']));
    // While the line was cut another replica dropped it.
    await shared.drop(['t']);
    clock.advance(1000);
    hear({ from: clock.now(), to: clock.now() });
    expect(await textOf('a')).toBeUndefined();
  });

  it('does not keep what was dropped while the shared one was asked for it', async () => {
    const { near, shared, store, textOf } = setUp();
    await shared.set('a', kept('old', ['t']), '0');
    const reading = store.get('a');
    near.forget(['t']);
    await reading;
    expect(near.look('a')).toBeUndefined();
    expect(await textOf('a')).toBe('old');
  });

  it('asks the shared one each time for what is past its age: somebody may have made it anew', async () => {
    const { clock, shared, store, textOf, hear } = setUp();
    hear({ from: 0, to: clock.now() + 1_000_000 });
    await shared.set('a', kept('old', ['t'], 100), '0');
    expect(await textOf('a')).toBe('old');
    clock.advance(100);
    await shared.set('a', kept('new', ['t'], 100), '0');
    expect(await textOf('a')).toBe('new');
    expect((await store.get('a'))?.freshMs).toBe(100);
  });
});

describe('while the shared store is away', () => {
  it('answers come from memory for as long as they are trusted, others have to be made', async () => {
    const { clock, put, textOf, leave } = setUp();
    leave();
    expect(await put('a', kept('a', ['t']))).toBe(true);
    clock.advance(800);
    expect(await textOf('a')).toBe('a');
    clock.advance(1);
    expect(await textOf('a')).toBeUndefined();
  });

  it('it is left alone for a while once it failed several times in a row, and then tried again', async () => {
    const { clock, asked, faults, textOf, leave, comeBack, shared } = setUp();
    leave();
    for (let times = 0; times < 10; times += 1) {
      await textOf('x');
      clock.advance(50);
    }
    // It was silent for five times the longest wait by then.
    expect([asked.length, faults.length]).toEqual([6, 3]);
    comeBack();
    await shared.set('x', kept('old', []), '0');
    clock.advance(749);
    expect(await textOf('x')).toBeUndefined();
    expect(asked.length).toBe(6);
    clock.advance(1);
    // What it had before may be old, whoever could have said so: it is made anew.
    expect(await textOf('x')).toBeUndefined();
    expect(asked.length).toBe(7);
    await shared.set('x', kept('new', []), '0');
    expect(await textOf('x')).toBe('new');
  });

  it('nothing is given that it had before it was lost without a request that could notice', async () => {
    const { clock, shared, textOf, regain } = setUp();
    await shared.set('a', kept('old', ['t']), '0');
    clock.advance(1000);
    regain();
    expect(await textOf('a')).toBeUndefined();
    await shared.set('a', kept('new', ['t']), '0');
    expect(await textOf('a')).toBe('new');
  });

  it('what is dropped it is told first when it is back, before it is asked for anything', async () => {
    const { clock, asked, shared, store, textOf, leave, comeBack } = setUp();
    await shared.set('a', kept('old', ['t']), '0');
    leave();
    expect(await store.drop(['t'])).toBe(false);
    comeBack();
    clock.advance(2000);
    asked.length = 0;
    expect(await textOf('a')).toBeUndefined();
    expect(asked).toEqual(['drop', 'get']);
    expect(await store.drop(['u'])).toBe(true);
  });

  it('what is dropped it is told by itself, without a request', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { shared, store, leave, comeBack } = setUp();
      await shared.set('a', kept('old', ['t']), '0');
      leave();
      await store.drop(['t']);
      await vi.advanceTimersByTimeAsync(100);
      expect(await shared.get('a')).toBeDefined();
      comeBack();
      await vi.advanceTimersByTimeAsync(100);
      expect(await shared.get('a')).toBeUndefined();
      await store[Symbol.asyncDispose]();
    } finally {
      vi.useRealTimers();
    }
  });

  it('it is asked by few when it is back: all who ask at once would keep it late for ever', async () => {
    const world = createStoreWorld(2);
    const { near, far } = setUp();
    const found = { text: 'a', tags: [], heldMs: 0, leftMs: 1000, freshMs: 0 };
    const store = createTieredStore({
      ...{ near, trustMs: 800, now: world.now, after: world.after, heard: () => ({}), onFault: () => undefined },
      far: { ...far, get: async () => ((await world.ask()) ? found : undefined) },
    });
    world.store.mood = 'silent';
    const seen = world.startLoops(100, 10, () => store.get('a'));
    await world.pass(1000);
    world.store.mood = 'well';
    await world.pass(1500);
    const before = seen.answered;
    await world.pass(2000);
    expect(seen.answered - before).toBeGreaterThan((0.4 * 2000) / 2);
    expect(seen.longestMs).toBeLessThanOrEqual(50);
  });

  it('nobody waits for another who tells it what was dropped', async () => {
    const world = createStoreWorld(1);
    const { near, far } = setUp();
    const store = createTieredStore({
      ...{ near, trustMs: 800, now: world.now, after: world.after, heard: () => ({}), onFault: () => undefined },
      far: { ...far, drop: async () => (await world.ask()) === 'answer', get: async () => void (await world.ask()) },
    });
    world.store.mood = 'gone';
    expect(await store.drop(['t'])).toBe(false);
    world.store.mood = 'silent';
    const seen = world.startLoops(20, 10, () => store.get('a'));
    await world.pass(2000);
    expect(seen.longestMs).toBeLessThanOrEqual(50);
    seen.mostWaiting = 0;
    await world.pass(2000);
    expect(seen.mostWaiting).toBeLessThanOrEqual(2);
    await store[Symbol.asyncDispose]();
  });

  it('more than can be remembered to be dropped is everything', async () => {
    const { clock, shared, store, textOf, leave, comeBack } = setUp({ maxOwed: 3 });
    const { everything } = await import('../../../gateway/cache/tags.ts');
    await shared.set('a', kept('a', ['t', ...everything]), '0');
    leave();
    for (const tag of ['1', '2', '3', '4']) await store.drop([tag]);
    comeBack();
    clock.advance(2000);
    expect(await textOf('a')).toBeUndefined();
  });

  it('an answer that was begun then is not given to it: what it dropped since nobody knows', async () => {
    const { clock, shared, store, leave, comeBack, near } = setUp();
    leave();
    const { stamp } = await store.begin('a', 'me', 100);
    comeBack();
    await shared.drop(['t']);
    clock.advance(500);
    expect(await store.set('a', kept('old', ['t']), stamp)).toBe(true);
    expect(await shared.get('a')).toBeUndefined();
    // In memory it counts from when it was begun.
    expect(near.look('a')?.goodAt).toBe(clock.now() - 500);
  });
});
