import type { GraphQLError } from 'graphql';
import { GatewayError, toGraphQLError } from '../errors.ts';

/** An answer for a request that no generation can take: it looks like any other answer with an error. */
export type Refusal = { readonly status: number; readonly headers: Record<string, string>; readonly body: string };

/** @param code why there is nobody to answer; @param requestId stands in the header, for the log of the client */
export function refuse(code: 'SOURCE_UNAVAILABLE' | 'DRAINING', requestId: string): Refusal {
  const error = refusalOf(code, requestId);
  const { message, extensions, originalError } = error;
  const headers = {
    'content-type': 'application/graphql-response+json; charset=utf-8',
    'retry-after': '1',
    'x-request-id': requestId,
  };
  const { status } = originalError as GatewayError;
  return { status, headers, body: JSON.stringify({ errors: [{ message, extensions }] }) };
}

/** The error of such an answer, for transports that have no statuses. */
export function refusalOf(code: 'SOURCE_UNAVAILABLE' | 'DRAINING', requestId: string): GraphQLError {
  const message = code === 'DRAINING' ? undefined : 'No schema is ready to serve yet: try again later.';
  const error = toGraphQLError(new GatewayError(code, message === undefined ? {} : { message }), requestId);
  delete error.extensions['http'];
  return error;
}
