import { type Answer, createPatience } from '../lib/patience.ts';
import { realTimer, type Timer } from '../lib/timer.ts';
import type { MemoryStore } from './memory-store.ts';
import type { AnswerStore } from './store.ts';
import { everything } from './tags.ts';

/** Moments in ms since the epoch. */
export type Heard = {
  /** Since when and up to when all was heard; undefined while nothing is. */
  readonly span?: { readonly from: number; readonly to: number } | undefined;
  /** When the far store was there again after it had been lost; undefined where it never was. */
  readonly regainedAt?: number | undefined;
};

export type TieredOptions = {
  readonly near: MemoryStore;
  readonly far: AnswerStore;
  /** What was heard of what others dropped. */
  readonly heard: () => Heard;
  /** Longest wait for the far store, in ms (default 50). */
  readonly timeoutMs?: number;
  /** How long an answer in memory is given without knowing that it is still good, in ms. */
  readonly trustMs: number;
  /** Told when the far store fails; the near one goes on. */
  readonly onFault: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly after?: Timer;
  /** When the far store is left alone, and for how long: as of every store that is asked with patience. */
  readonly failures?: number;
  readonly restMs?: number;
  /** Most names that wait for the far store to come back (default 10,000); beyond that everything is dropped. */
  readonly maxOwed?: number;
};

/** Time between two attempts to tell the far store what was dropped while it was away, in ms. */
const PAY_MS = 100;

/**
 * Memory before Redis. An answer in memory is given as long as it is known that nobody dropped it: what is dropped elsewhere is heard, and
 * where nothing was heard for `trustMs` Redis is asked. While Redis is away answers live for `trustMs` and no longer, so that a
 * replica that hears nothing is never further behind than that. Nobody waits for it then (`lib/patience.ts`), and what is dropped
 * meanwhile it is told as soon as it is back; what it had before, others may have dropped without being able to tell, so that nothing of
 * it is given any more.
 */
export function createTieredStore(options: TieredOptions): AnswerStore {
  const { near, far, heard, trustMs, onFault, now } = options;
  const { timeoutMs = 50, failures, restMs, after = realTimer, maxOwed = 10_000 } = options;
  /** What the far store had before this time nobody can be sure of. */
  let soundFrom = Number.NEGATIVE_INFINITY;
  let owed = new Set<string>();
  let paying: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const patience = createPatience({
    ...{ timeoutMs, failures, restMs, now, after, onFault },
    onBack() {
      soundFrom = now();
    },
  });

  /** Asks the far store once it knows what was dropped while it was away: what it has may be old until then. */
  async function ask<T>(run: () => Promise<T>): Promise<Answer<T> | undefined> {
    return await patience.ask(async () => {
      await pay();
      return await run();
    });
  }

  async function pay(): Promise<void> {
    if (owed.size === 0) return;
    paying ??= payAll().finally(() => {
      paying = undefined;
    });
    await paying;
  }

  async function payAll(): Promise<void> {
    while (owed.size > 0) {
      const tags = [...owed];
      await far.drop(tags);
      for (const tag of tags) owed.delete(tag);
    }
  }

  function owe(tags: readonly string[]): void {
    for (const tag of tags) owed.add(tag);
    if (owed.size > maxOwed) owed = new Set(everything);
    timer ??= setTimeout(async () => {
      // Others rely on it: it is tried also while the store is left alone.
      await patience.insist(pay);
      timer = undefined;
      if (owed.size > 0 && !over) owe([]);
    }, PAY_MS).unref();
  }

  function isKnown(goodAt: number): boolean {
    const { span } = heard();
    const known = span !== undefined && span.from <= goodAt ? Math.max(goodAt, span.to) : goodAt;
    return now() - known <= trustMs;
  }

  function isSound({ heldMs }: { readonly heldMs: number }): boolean {
    return now() - heldMs >= Math.max(soundFrom, heard().regainedAt ?? Number.NEGATIVE_INFINITY);
  }

  return {
    async get(key) {
      const found = near.look(key);
      if (found && isKnown(found.goodAt)) return found;
      const [goodAt, stamp] = [now(), near.stamp()];
      const answer = await ask(() => far.get(key));
      if (!answer) return undefined;
      const value = answer.value && isSound(answer.value) ? answer.value : undefined;
      // What is past its age may be newer there already: it is asked for each time.
      const ttlMs = Math.min(value?.leftMs ?? 0, value?.freshMs ?? 0);
      if (value && ttlMs > 0) near.put(key, { ...value, ttlMs, goodAt }, stamp);
      else near.remove(key);
      return value;
    },

    async begin(key, holder, lockMs) {
      const [goodAt, stamp] = [now(), near.stamp()];
      const answer = await ask(() => far.begin(key, holder, lockMs));
      return {
        stamp: `${stamp} ${goodAt} ${answer?.value.stamp ?? ''}`,
        holder: answer?.value.holder ?? holder,
      };
    },

    async end(key, holder) {
      await patience.tell(() => far.end(key, holder));
    },

    async set(key, answer, stamp) {
      const [own = '', goodAt = '', theirs = ''] = stamp.split(' ');
      const ttlMs = Math.min(answer.ttlMs, answer.freshMs);
      const isNear = near.put(key, { ...answer, ttlMs, goodAt: Number(goodAt) }, Number(own));
      // When the far store was away as this began, nobody knows what was dropped there since.
      const kept = theirs === '' ? undefined : await ask(() => far.set(key, answer, theirs));
      if (kept?.value === false) near.remove(key);
      return kept?.value ?? isNear;
    },

    async drop(tags) {
      near.forget(tags);
      if (await ask(() => far.drop(tags))) return true;
      owe(tags);
      return false;
    },

    async [Symbol.asyncDispose]() {
      over = true;
      clearTimeout(timer);
      await Promise.all([near[Symbol.asyncDispose](), far[Symbol.asyncDispose]()]);
    },
  };
}
