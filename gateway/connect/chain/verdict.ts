import { type ErrorCode, GatewayError } from '../../errors.ts';

/** What a call says about the health of who was called; `neutral` for nothing. */
export type Verdict = 'ok' | 'failed' | 'neutral';

/** The upstream's doing, whatever the arguments were. A call that it rejected or put off it has answered well. */
const FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_FAILED',
  'UPSTREAM_BAD_PAYLOAD',
]);
const ANSWERS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UPSTREAM_REJECTED', 'UPSTREAM_RATE_LIMITED']);

/**
 * Judges a call by the error it ended with, undefined for none. Errors inside the answer of a GraphQL source say nothing against it. A client that left, a budget that was spent and a mistake of ours
 * say nothing about the source.
 */
export function verdictOf(error: unknown): Verdict {
  if (error === undefined) return 'ok';
  if (!(error instanceof GatewayError)) return 'neutral';
  if (error.isAnswer) return 'ok';
  return FAILURES.has(error.code) ? 'failed' : ANSWERS.has(error.code) ? 'ok' : 'neutral';
}
