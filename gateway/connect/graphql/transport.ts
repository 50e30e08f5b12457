import type { Abortable } from '../../lib/ending.ts';
import type { HttpAnswer } from '../rest/outcome.ts';
import { createHttpTransport, type HttpTransportOptions } from '../rest/transport.ts';

export type GraphqlTransport = {
  /** The endpoint for the log, as it is sent, and for keys; see `HttpTransport`. */
  url: string;
  wireUrl: string;
  keyUrl: string;
  /** Posts one request to the endpoint. Rejects as the HTTP transport does, whose pool it uses. */
  send(body: string, headers: ReadonlyMap<string, string>, signal: Abortable): Promise<HttpAnswer>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * GraphQL over HTTP by POST (graphql.github.io/graphql-over-http, "POST"): the endpoint is the whole address.
 *
 * @param path what is sent after it, never shown: a query that proves who asks, or nothing
 */
export function createGraphqlTransport(options: HttpTransportOptions, path = ''): GraphqlTransport {
  const http = createHttpTransport(options);
  return {
    url: http.urlOf(''),
    wireUrl: http.wireUrlOf(''),
    keyUrl: http.keyUrlOf(''),
    send: (body, headers, signal) => http.send({ method: 'POST', path, headers, body }, signal),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}
