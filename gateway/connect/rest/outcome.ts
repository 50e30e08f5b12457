/** What became of an HTTP exchange, as one of our codes. Everything the upstream said stands in `cause` alone. */
import { type ErrorCode, GatewayError } from '../../errors.ts';
import type { Problem } from '../problem.ts';

/** An answer as it came, its body decoded. */
export type HttpAnswer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
  /** Bytes of the body as received. */
  bytes: number;
};

/** Where a call went: for the log. */
export type HttpTarget = { source: string; method: string; url: string };

/** An answer that cannot be read: too large, or not in the coding it claims. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
}

/** How much of a body is told to the log. */
const EXCERPT_BYTES = 2048;

/** Seconds, or a date as RFC 9110 §5.6.7 writes it: the one thing of a failed answer that a client may see. */
const RETRY_AFTER = /^(\d{1,9}|[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT)$/;

const CLOSED = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);
const LATE = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
const UNREADABLE = new Set([
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
]);

/** The error for an exchange that brought no answer: connecting, sending or reading failed. */
export function transportFault(cause: unknown, target: HttpTarget): GatewayError {
  if (cause instanceof GatewayError) return cause;
  return new GatewayError(transportCode(cause), {
    source: target.source,
    cause: described(target, 'failed', { cause }),
  });
}

/** The error for an answer whose status is no success, with what clients may see of the problem it tells. Redirects are never followed: who sends one rejects the call. */
export function statusFault(answer: HttpAnswer, target: HttpTarget, problem?: Problem): GatewayError {
  const { status } = answer;
  const { code, extensions: own } = statusOutcome(status);
  const extensions = problem ? { ...own, problem } : own;
  const cause = describeAnswer(answer, target);
  // Whatever may be tried again can say when (RFC 9110 §10.2.3): 429, and not 503 alone of those that may pass.
  const retryAfter = status === 429 || status >= 500 ? answer.headers['retry-after'] : undefined;
  const headers =
    typeof retryAfter === 'string' && RETRY_AFTER.test(retryAfter) ? { headers: { 'Retry-After': retryAfter } } : {};
  return new GatewayError(code, { source: target.source, extensions, cause, ...headers });
}

/** The headers of an answer, each as one text (RFC 9110 §5.3). */
export function headOf({ headers }: Pick<HttpAnswer, 'headers'>): Record<string, string> {
  const head: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) head[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return head;
}

/** The error for a success whose body does not fit what the contract promised. */
export function payloadFault(answer: HttpAnswer, target: HttpTarget, cause: unknown): GatewayError {
  return new GatewayError('UPSTREAM_BAD_PAYLOAD', {
    source: target.source,
    cause: describeAnswer(answer, target, cause),
  });
}

/** An answer for the log, with the beginning of its body. */
export function describeAnswer(answer: HttpAnswer, target: HttpTarget, cause?: unknown): Error {
  const { status, headers, body } = answer;
  return described(target, `answered ${status}`, {
    cause,
    details: { status, headers, body: body.toString('utf8', 0, EXCERPT_BYTES) },
  });
}

function statusOutcome(status: number): { code: ErrorCode; extensions: Record<string, unknown> } {
  const extensions = { upstreamStatus: status };
  if (status === 429) return { code: 'UPSTREAM_RATE_LIMITED', extensions };
  return { code: status >= 500 ? 'UPSTREAM_FAILED' : 'UPSTREAM_REJECTED', extensions };
}

function transportCode(cause: unknown): ErrorCode {
  if (cause instanceof PayloadError) return 'UPSTREAM_BAD_PAYLOAD';
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (CLOSED.has(code)) return 'SOURCE_UNAVAILABLE';
  if (LATE.has(code)) return 'UPSTREAM_TIMEOUT';
  // The parser's error has a code only sometimes, its name always.
  if (UNREADABLE.has(code) || (cause instanceof Error && cause.name === 'HTTPParserError'))
    return 'UPSTREAM_BAD_PAYLOAD';
  return code === 'UND_ERR_INVALID_ARG' ? 'INTERNAL' : 'UPSTREAM_UNREACHABLE';
}

function described(
  { method, url }: HttpTarget,
  what: string,
  { cause, details = {} }: { cause: unknown; details?: Record<string, unknown> },
): Error {
  const error = new Error(`${method} ${url} ${what}`, cause === undefined ? undefined : { cause });
  return Object.assign(error, details);
}
