import type { ExecutionResult } from 'graphql';
import type { RequestContext } from '../context.ts';
import type { Landing } from './flights.ts';
import { noteMiss, sharedBy } from './give.ts';
import type { Wanted } from './judge.ts';
import { type Found, keep } from './look-up.ts';
import { type Collected, judgeMade } from './made.ts';
import type { AnswerStore } from './store.ts';
import { tagsOf } from './tags.ts';

/** An operation whose answer may be kept, and how it is run: on a context, noting what is in its answer. */
export type Serving = {
  readonly wanted: Wanted;
  readonly context: RequestContext;
  readonly run: (context: RequestContext) => Promise<Collected>;
};

export type MakeOptions = {
  readonly store: AnswerStore;
  readonly config: { readonly maxKeptMs: number; readonly maxTags: number };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when the store fails. */
  readonly onFault: (error: unknown) => void;
  /** Told that a source says of an operation that its answers are for one caller alone. */
  readonly onPersonal: (operation: string) => void;
  /** Told of a key whose answers cannot be kept, for more reasons than a failure. */
  readonly onRefused: (key: string, reason: string) => void;
};

/** Runs an operation and keeps its answer where that may be. @param stamp of the turn; empty when nothing can be kept */
export type Make = (serving: Serving, stamp: string) => Promise<Done>;

export type Done = {
  readonly result: ExecutionResult;
  readonly landing: Landing;
  /** When it is in the store; for whoever holds the key until then. It never fails. */
  readonly kept: Promise<unknown>;
};

const NOTHING_KEPT = Promise.resolve();

export function createMake({ store, config, now, onFault, onPersonal, onRefused }: MakeOptions): Make {
  return async ({ wanted, context, run }, stamp) => {
    const { keeping, key, isPrivate, privateKey, operation } = wanted;
    const startedAt = now();
    const collected = await run(context);
    const { result } = collected;
    const made = judgeMade(collected, wanted, context, Math.max(0, now() - startedAt));
    if ('refused' in made) {
      noteMiss(context, { reason: made.refused });
      if (!made.isPassing) onRefused(key, made.refused);
      return { result, landing: 'none', kept: NOTHING_KEPT };
    }
    const { answer, entities } = made;
    const found: Found = { answer, ageMs: answer.bornMs, state: 'fresh', forErrors: true };
    const isOwn = made.isPersonal && !isPrivate;
    if (isOwn) onPersonal(operation);
    const place = isOwn ? privateKey : key;
    const landing: Landing = isOwn ? 'none' : { found, reason: 'made by a request at the same time' };
    if (place === undefined) {
      noteMiss(context, { reason: 'a source says that it is private' });
      return { result, landing, kept: NOTHING_KEPT };
    }
    noteMiss(context, { maxAgeMs: answer.ages.maxAgeMs, ...(isOwn ? {} : sharedBy(wanted, context, answer)) });
    if (stamp === '') return { result, landing, kept: NOTHING_KEPT };
    const tags = tagsOf({ ...keeping, entities }, config.maxTags);
    // Memory has it at once; nobody waits for Redis.
    const kept = keep(store, place, answer, { tags, stamp, maxKeptMs: config.maxKeptMs }).catch(onFault);
    return { result, landing, kept };
  };
}
