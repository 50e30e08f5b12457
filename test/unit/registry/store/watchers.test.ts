import { expect, it } from 'vitest';
import { createWatchers, type Watchers } from '../../../../gateway/registry/store/watchers.ts';

/** Watchers that never poll by themselves, over a position that the test sets. */
function make() {
  const state = { position: '', error: undefined as Error | undefined, looks: 0, listeners: 0 };
  const faults: unknown[] = [];
  let ring: () => void = () => undefined;
  const watchers: Watchers = createWatchers({
    position: async () => {
      state.looks += 1;
      if (state.error) throw state.error;
      return state.position;
    },
    pollMs: 1_000_000,
    listen(ringNow) {
      state.listeners += 1;
      ring = ringNow;
      return () => {
        state.listeners -= 1;
      };
    },
    onFault: (fault) => faults.push(fault),
  });
  /** Rings and waits until it was looked. */
  const look = async (): Promise<void> => {
    ring();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { state, faults, watchers, look, ring: () => ring() };
}

it('tells of each position once, and at first only when there is one', async () => {
  const { state, watchers, look } = make();
  let told = 0;
  watchers.watch(() => (told += 1));
  await look();
  await look();
  expect(told).toBe(0);
  state.position = '1:a';
  await look();
  await look();
  expect(told).toBe(1);
  // Backwards is a change too: a copy was put back.
  for (const position of ['1:b', '', '1:b']) {
    state.position = position;
    await look();
  }
  expect(told).toBe(4);
  watchers.close();
});

it('looks once more when it was rung while it looked, and not more often', async () => {
  const { state, watchers, look, ring } = make();
  watchers.watch(() => undefined);
  await look();
  const before = state.looks;
  for (let times = 0; times < 100; times += 1) ring();
  await look();
  expect(state.looks - before).toBe(2);
  watchers.close();
});

it('tells of a fault once, until looking went well again', async () => {
  const { state, faults, watchers, look } = make();
  watchers.watch(() => undefined);
  for (const error of [new Error('a'), new Error('b'), undefined, new Error('c'), new Error('d')]) {
    state.error = error;
    await look();
  }
  expect(faults).toEqual([new Error('a'), new Error('c')]);
  watchers.close();
});

it('listens only while somebody watches, and a watcher that fails is no harm to the next look', async () => {
  const { state, faults, watchers, look } = make();
  const failing = (): void => {
    throw new Error('of a watcher');
  };
  const ends = [watchers.watch(failing), watchers.watch(failing)];
  expect(state.listeners).toBe(1);
  state.position = '1';
  await look();
  await look();
  expect(faults).toEqual([new Error('of a watcher')]);
  for (const end of ends) {
    expect(state.listeners).toBe(1);
    end();
    end();
  }
  expect(state.listeners).toBe(0);
  watchers.watch(failing);
  expect(state.listeners).toBe(1);
  watchers.close();
  expect(state.listeners).toBe(0);
});
