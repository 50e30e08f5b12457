import { GatewayError, toGraphQLError } from '../errors.ts';

/** An answer for a request that no generation can take: it looks like any other answer with an error. */
export type Refusal = { readonly status: number; readonly headers: Record<string, string>; readonly body: string };

/** @param code why there is nobody to answer; @param requestId stands in the header, for the log of the client */
export function refuse(code: 'SOURCE_UNAVAILABLE' | 'DRAINING', requestId: string): Refusal {
  const message = code === 'DRAINING' ? undefined : 'No schema is ready to serve yet: try again later.';
  const known = new GatewayError(code, message === undefined ? {} : { message });
  const { http: _, ...extensions } = toGraphQLError(known, requestId).extensions;
  const headers = {
    'content-type': 'application/graphql-response+json; charset=utf-8',
    'retry-after': '1',
    'x-request-id': requestId,
  };
  return { status: known.status, headers, body: JSON.stringify({ errors: [{ message: known.message, extensions }] }) };
}
