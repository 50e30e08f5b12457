/** What was made by running an operation, and whether it may be kept. */
import type { ExecutionResult } from 'graphql';
import { isOutage, STALE_IF } from '../connect/chain/cache.ts';
import type { CallRecord, RequestContext } from '../context.ts';
import { GatewayError, rootError } from '../errors.ts';
import { sha256 } from '../lib/hash.ts';
import { type Answer, isPersonal, storedHeads } from './answer.ts';
import type { Wanted } from './judge.ts';
import type { Entity } from './tags.ts';

/** What running an operation brought. */
export type Collected = {
  readonly result: ExecutionResult;
  /** Values in it, and types of which none was there; undefined where it must not be kept. */
  readonly entities: readonly Entity[] | undefined;
};

export type Made =
  | { readonly answer: Answer; readonly entities: readonly Entity[]; readonly isPersonal: boolean }
  | { readonly refused: string; readonly isPassing: boolean };

/**
 * Judges what was made: an answer with errors, or with what a source does not want kept, is none to keep.
 *
 * @param tookMs how long it took: an answer is as old as the moment at which it was asked for
 */
export function judgeMade(
  { result, entities }: Collected,
  { keeping, ages }: Wanted,
  { calls, passedHeads = [] }: Pick<RequestContext, 'calls' | 'passedHeads'>,
  tookMs: number,
): Made {
  const { data, errors } = result;
  if (errors && errors.length > 0) return { refused: 'errors', isPassing: true };
  if (data == null) return { refused: 'no data', isPassing: true };
  if (isPersonal(passedHeads)) return { refused: 'a source sends cookies', isPassing: false };
  const said = leastSaid(calls);
  if (said.keepMs === 0) return { refused: `${said.source} does not want it kept`, isPassing: false };
  const silent = calls.find(
    (call) => call.keepMs === undefined && keeping.unaged.has(`${call.source}.${call.operation}`),
  );
  if (silent) {
    return { refused: `no age at ${keeping.unaged.get(`${silent.source}.${silent.operation}`)}`, isPassing: false };
  }
  if (!entities) return { refused: 'private', isPassing: false };
  const least = { ...ages, maxAgeMs: Math.min(ages.maxAgeMs, said.keepMs) };
  const etag = sha256([JSON.stringify(data)]).slice(0, 32);
  return {
    answer: { data, ages: least, bornMs: tookMs, heads: storedHeads(passedHeads), etag },
    entities,
    isPersonal: calls.some(({ personal }) => personal === true),
  };
}

/** Whether a source failed to do what it was asked, so that nobody knows how far it came. */
export function isSourceFailure(error: unknown): boolean {
  const root = rootError(error);
  return root instanceof GatewayError && STALE_IF.has(root.code);
}

/** Whether an older answer is better than none (RFC 5861 §4). */
export function mayStandIn(error: unknown): boolean {
  return isOutage(rootError(error));
}

function leastSaid(calls: readonly CallRecord[]): { keepMs: number; source: string } {
  let least = { keepMs: Number.POSITIVE_INFINITY, source: '' };
  for (const { keepMs, source } of calls) if (keepMs !== undefined && keepMs < least.keepMs) least = { keepMs, source };
  return least;
}
