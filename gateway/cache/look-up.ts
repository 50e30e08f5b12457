/** Looking an answer up and keeping one: plain functions over a store, for whoever has a key. */
import { type Answer, keptMs, readAnswer, type Standing, standingOf } from './answer.ts';
import type { AnswerStore } from './store.ts';

export type Found = Standing & {
  readonly answer: Answer;
  /** In ms, from when it was begun to be made. */
  readonly ageMs: number;
};

/** @throws what the store throws */
export async function lookUp(store: Pick<AnswerStore, 'get'>, key: string): Promise<Found | undefined> {
  const kept = await store.get(key);
  const answer = kept && readAnswer(kept.text);
  if (!kept || !answer) return undefined;
  const ageMs = answer.bornMs + kept.heldMs;
  return { answer, ageMs, ...standingOf(answer.ages, ageMs) };
}

/**
 * @param tags names it is dropped by; see `tagsOf`
 * @param stamp of the fill that it was made in
 * @returns whether it is kept
 * @throws what the store throws
 */
export async function keep(
  store: Pick<AnswerStore, 'set'>,
  key: string,
  answer: Answer,
  { tags, stamp, maxKeptMs }: { readonly tags: readonly string[]; readonly stamp: string; readonly maxKeptMs: number },
): Promise<boolean> {
  const ttlMs = Math.min(maxKeptMs, keptMs(answer));
  if (!(ttlMs > 0)) return false;
  const freshMs = Math.max(0, answer.ages.maxAgeMs - answer.bornMs);
  return await store.set(key, { text: JSON.stringify(answer), tags, ttlMs, freshMs }, stamp);
}
