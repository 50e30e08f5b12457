/** What is told of an answer that is given, and to whom other caches may give it. */
import type { ExecutionResult } from 'graphql';
import type { CachedAnswer, RequestContext } from '../context.ts';
import { passedHeads } from './answer.ts';
import type { Wanted } from './judge.ts';
import type { Found } from './look-up.ts';

/** Gives an answer that was kept: to the operation's result, and to the slots that tell of it. */
export function give(wanted: Wanted, context: RequestContext, found: Found, reason: string): ExecutionResult {
  const { answer, ageMs, state } = found;
  const outcome = state === 'fresh' ? 'hit' : 'stale';
  context.cached = { outcome, reason, ageMs, maxAgeMs: answer.ages.maxAgeMs, ...sharedBy(wanted, context, answer) };
  context.passedHeads = answer.heads.length > 0 ? passedHeads(answer.heads, ageMs) : undefined;
  return { data: answer.data as NonNullable<ExecutionResult['data']> };
}

/** Only what everybody gets, and who is nobody in particular asks for, may stand in caches between the gateway and its clients. */
export function sharedBy(
  { isPrivate, keeping }: Pick<Wanted, 'isPrivate' | 'keeping'>,
  { principal }: Pick<RequestContext, 'principal'>,
  { etag }: Pick<Found['answer'], 'etag'>,
): Pick<CachedAnswer, 'shared'> {
  const isPublic = principal.kind === 'anonymous' && !isPrivate && !keeping.isGuarded;
  return isPublic ? { shared: { etag, vary: keeping.headers } } : {};
}

/** Adds to what is told of an operation that is being made; one that was given an older answer meanwhile is left alone. */
export function noteMiss(context: RequestContext, more: Partial<CachedAnswer>): void {
  if (context.cached?.outcome === 'miss') context.cached = { ...context.cached, ...more };
}
