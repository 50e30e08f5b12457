/** What of a result may leave the house, and what is said about it inside. */
import type { ExecutionResult } from 'graphql';
import { GraphQLError } from 'graphql';
import type { RequestContext } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import { GatewayError, MOST_ERRORS, rootError, toGraphQLError } from '../errors.ts';
import { extendAnswer } from '../execute/compiled/answer.ts';
import { sourceAt } from '../execute/error-source.ts';

export type AnswerError = { readonly code: ErrorCode; readonly source?: string | undefined };

/** A result, or a part of one that comes in parts: the first has `data`, later ones `incremental` patches and items. */
export type Payload = ExecutionResult & {
  readonly incremental?: readonly { readonly errors?: readonly GraphQLError[] }[];
  readonly hasNext?: boolean;
};

export type Masked = {
  readonly result: Payload;
  readonly errors: readonly AnswerError[];
  /** What nobody expected: to be logged, once. */
  readonly unknown: readonly unknown[];
};

type Slots = Pick<RequestContext, 'requestId' | 'signal' | 'execution'>;

/** The result with every error turned into one of the table; one without data and errors is a request that was given up. */
export function maskResult(result: Payload, context: Slots): Masked {
  if (result.errors === undefined && result.incremental === undefined) return { result, errors: [], unknown: [] };
  const { errors, incremental } = result;
  const own = errors && maskErrors(errors.length > 0 ? errors : [givenUp(context.signal)], context);
  const patches = (incremental ?? []).map((patch) => ({ patch, masked: maskErrors(patch.errors ?? [], context) }));
  const all = [...(own ?? []), ...patches.flatMap(({ masked }) => masked)];
  const described = all.map(describe);
  const told = own ? extendAnswer(result, { errors: own }) : result;
  const parts = patches.map(({ patch, masked }) => (masked.length > 0 ? { ...patch, errors: masked } : patch));
  return {
    result: incremental ? { ...told, incremental: parts } : told,
    errors: described,
    unknown: all.flatMap((error, index) => (described[index]?.code === 'INTERNAL' ? [causeOf(error)] : [])),
  };
}

function maskErrors(errors: readonly unknown[], context: Slots): GraphQLError[] {
  const told = errors.slice(0, MOST_ERRORS);
  const masked = told.map((error) => toGraphQLError(error, context.requestId, (path) => sourceAt(context, path)));
  const last = masked.at(-1);
  if (errors.length > MOST_ERRORS && last)
    last.message += ` ${errors.length - MOST_ERRORS} more errors of this answer are not listed.`;
  return masked;
}

/** Yoga drops the error of an aborted request; the signal knows why it was. */
function givenUp({ reason }: RequestContext['signal']): GatewayError {
  if (reason instanceof GatewayError) return reason;
  const timedOut = (reason as Error | undefined)?.name === 'TimeoutError';
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

/** The answer for a transport that has no statuses: what `extensions.http` says to HTTP is left out. */
export function withoutHttp(result: Payload): Payload {
  return result.errors === undefined ? result : extendAnswer(result, { errors: result.errors.map(bare) });
}

function bare(error: GraphQLError): GraphQLError {
  const { http, ...extensions } = error.extensions;
  const { message, nodes = null, source = null, positions = null, path = null, originalError = null } = error;
  return http === undefined
    ? error
    : new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
}
