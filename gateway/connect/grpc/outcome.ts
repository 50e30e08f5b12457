/** What became of a gRPC call, as one of our codes. Everything the upstream said stands in `cause` alone. */
import { type ErrorCode, GatewayError } from '../../errors.ts';
import type { Problem } from '../problem.ts';
import { readRetryDelayMs } from './retry-info.ts';

/** In place of the number of a status: grpc-js gives none where it cannot take the coding off a message. */
export const NO_STATUS = -1;

/** How a call ended that was not OK. */
export type GrpcFailure = {
  /** Number of the gRPC status, or `NO_STATUS`. */
  code: number;
  /** Its name, such as `NOT_FOUND`. */
  name: string;
  error: Error;
  /** `grpc-status-details-bin`: a google.rpc.Status. */
  details?: Buffer | undefined;
};

/** Where a call went: for the log. */
export type GrpcTarget = { source: string; target: string; path: string };

/** The caller's doing: asking again changes nothing. */
const REJECTED = new Set([
  ...['NOT_FOUND', 'INVALID_ARGUMENT', 'FAILED_PRECONDITION', 'ALREADY_EXISTS', 'OUT_OF_RANGE', 'PERMISSION_DENIED'],
  'UNAUTHENTICATED',
]);
const CODES: Readonly<Record<string, ErrorCode>> = {
  RESOURCE_EXHAUSTED: 'UPSTREAM_RATE_LIMITED',
  DEADLINE_EXCEEDED: 'UPSTREAM_TIMEOUT',
  UNAVAILABLE: 'UPSTREAM_UNREACHABLE',
};
/**
 * Messages that cannot be read. grpc-js uses RESOURCE_EXHAUSTED and INTERNAL for these, too: its own sentences tell them apart (tests hold
 * them against the installed version).
 */
const UNREADABLE = /Received message (larger than max|that decompresses to)|Failed to decompress/;

/**
 * The error for a call that ended with a status other than OK, with what clients may see of its details. A google.rpc.RetryInfo is
 * its Retry-After.
 */
export function statusFault(failure: GrpcFailure, target: GrpcTarget, problem?: Problem): GatewayError {
  const cause = described(target, `ended with ${failure.name}`, failure.error);
  if (failure.code === NO_STATUS || UNREADABLE.test(failure.error.message)) {
    return new GatewayError('UPSTREAM_BAD_PAYLOAD', { source: target.source, cause });
  }
  const code = REJECTED.has(failure.name) ? 'UPSTREAM_REJECTED' : (CODES[failure.name] ?? 'UPSTREAM_FAILED');
  const extensions = { upstreamStatus: failure.name, ...(problem && { problem }) };
  const retryAfterMs = readRetryDelayMs(failure.details);
  const headers = retryAfterMs && { headers: { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) } };
  return new GatewayError(code, { source: target.source, cause, extensions, retryAfterMs, ...headers });
}

/** The error for bytes that are not the message the contract promised. */
export function payloadFault(cause: unknown, target: GrpcTarget): GatewayError {
  const told = described(target, 'answered with another message', cause);
  return new GatewayError('UPSTREAM_BAD_PAYLOAD', { source: target.source, cause: told });
}

function described({ target, path }: GrpcTarget, what: string, cause: unknown): Error {
  return new Error(`${target}${path} ${what}`, { cause });
}
