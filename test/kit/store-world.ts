/** A store that serves one question after the other, in time that a test lets pass: what comes of many who ask it at once is counted, not measured. */
import { createFakeClock } from './clock.ts';

export type Mood = 'well' | 'silent' | 'gone';

export type StoreWorld = ReturnType<typeof createStoreWorld>;

type Event = { readonly at: number; readonly run: () => void; isOver: boolean };

/** @param serviceMs time of one question in the store; those that nobody waits for any more take it, too */
export function createStoreWorld(serviceMs: number) {
  const clock = createFakeClock();
  /** By when they are due, those of one moment in the order of their coming. */
  const events: Event[] = [];
  /** Made whenever all that can go on at a moment has gone on. */
  const looks: (() => void)[] = [];
  const store = { mood: 'well' as Mood, serviceMs };
  let busyUntil = 0;
  let asked = 0;

  const after = (ms: number, run: () => void): (() => void) => {
    const event = { at: clock.now() + ms, run, isOver: false };
    let place = events.length;
    while (place > 0 && (events[place - 1] as Event).at > event.at) place -= 1;
    events.splice(place, 0, event);
    return () => {
      event.isOver = true;
    };
  };

  /** One question: answered in its turn, failed at once, or never. */
  async function ask(): Promise<string> {
    asked += 1;
    if (store.mood === 'gone') throw new Error('gone');
    if (store.mood === 'silent') return await new Promise(() => undefined);
    busyUntil = Math.max(busyUntil, clock.now()) + store.serviceMs;
    return await new Promise((resolve) => after(busyUntil - clock.now(), () => resolve('answer')));
  }

  /** Lets so much time pass, moment by moment. */
  async function pass(ms: number): Promise<void> {
    const end = clock.now() + ms;
    for (;;) {
      await settle();
      for (const look of looks) look();
      while (events[0]?.isOver) events.shift();
      const at = events[0]?.at ?? Number.POSITIVE_INFINITY;
      if (at > end) break;
      clock.advance(Math.max(0, at - clock.now()));
      while (events[0] && events[0].at <= at) {
        const next = events.shift();
        if (!next?.isOver) next?.run();
      }
    }
    clock.advance(end - clock.now());
  }

  /** Asks again and again, each with a pause between: how often who asked got an answer, went without, and waited for how long at most. */
  function startLoops(count: number, thinkMs: number, run: () => Promise<unknown>) {
    const seen = { answered: 0, without: 0, longestMs: 0, waiting: 0, mostWaiting: 0 };
    const one = async (): Promise<void> => {
      const startedAt = clock.now();
      seen.waiting += 1;
      seen[(await run()) === undefined ? 'without' : 'answered'] += 1;
      seen.waiting -= 1;
      seen.longestMs = Math.max(seen.longestMs, clock.now() - startedAt);
      after(thinkMs, () => void one());
    };
    looks.push(() => {
      seen.mostWaiting = Math.max(seen.mostWaiting, seen.waiting);
    });
    for (let index = 0; index < count; index += 1) void one();
    return seen;
  }

  return { ...clock, after, store, ask, pass, startLoops, asked: () => asked };
}

/** Long enough for promises that wait for promises. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
}
