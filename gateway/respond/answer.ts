/** What of a result may leave the house, and what is said about it inside. */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { RequestContext } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import { GatewayError, rootError, toGraphQLError } from '../errors.ts';

export type AnswerError = { readonly code: ErrorCode; readonly source?: string | undefined };

export type Masked = {
  readonly result: ExecutionResult;
  readonly errors: readonly AnswerError[];
  /** What nobody expected: to be logged, once. */
  readonly unknown: readonly unknown[];
};

/** The result with every error turned into one of the table; one without data and errors is a request that was given up. */
export function maskResult(result: ExecutionResult, context: Pick<RequestContext, 'requestId' | 'signal'>): Masked {
  if (result.errors === undefined) return { result, errors: [], unknown: [] };
  const given: readonly unknown[] = result.errors.length > 0 ? result.errors : [givenUp(context.signal)];
  const masked = given.map((error) => toGraphQLError(error, context.requestId));
  const errors = masked.map(describe);
  const unknown = masked.flatMap((error, index) => (errors[index]?.code === 'INTERNAL' ? [causeOf(error)] : []));
  return { result: { ...result, errors: masked }, errors, unknown };
}

/** Yoga drops the error of an aborted request; the signal knows why it was. */
function givenUp(signal: AbortSignal): GatewayError {
  const timedOut = (signal.reason as Error | undefined)?.name === 'TimeoutError';
  return new GatewayError(timedOut ? 'DEADLINE_EXCEEDED' : 'CLIENT_CLOSED');
}

function describe(error: GraphQLError): AnswerError {
  const known = rootError(error);
  return known instanceof GatewayError ? { code: known.code, source: known.source } : { code: 'INTERNAL' };
}

function causeOf(error: GraphQLError): unknown {
  const known = rootError(error);
  return known instanceof GatewayError ? (known.cause ?? known) : known;
}
