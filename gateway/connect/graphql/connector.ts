import { GatewayError } from '../../errors.ts';
import { abortFault } from '../chain/abort.ts';
import type { Connector, ConnectorOptions } from '../connector.ts';
import { createHeaders } from '../headers.ts';
import { type HttpAnswer, type HttpTarget, transportFault } from '../rest/outcome.ts';
import { readResponse } from './outcome.ts';
import { prepareField } from './prepare.ts';
import { createGraphqlTransport } from './transport.ts';

const DEFAULTS = {
  'user-agent': 'tributary',
  accept: 'application/graphql-response+json, application/json;q=0.9',
  'content-type': 'application/json',
};

/**
 * Asks a GraphQL source for one root field with the selection of the call. Its field errors come back inside the data, each as a
 * GatewayError at its place.
 *
 * Fails with our codes alone; what was sent and what came back stand in `cause`, for the log.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no usable endpoint
 */
export function createGraphqlConnector(options: ConnectorOptions): Connector {
  const { source } = options;
  const transport = createGraphqlTransport(options);
  const headersOf = createHeaders(options, DEFAULTS);
  const operations = new Map(options.operations.map((operation) => [operation.name, prepareField(operation, source)]));
  const target = (): HttpTarget => ({ source, method: 'POST', url: transport.url });

  return {
    source,
    kind: 'graphql',
    call: async (call) => {
      const operation = operations.get(call.operation);
      if (!operation) throw new GatewayError('INTERNAL', { source, cause: `no operation ${call.operation}` });
      let answer: HttpAnswer;
      try {
        answer = await transport.send(operation.build(call), headersOf(call), call.signal);
      } catch (cause) {
        throw call.signal.aborted ? abortFault(call.signal, source) : transportFault(cause, target());
      }
      const { status, bytes } = answer;
      return { data: readResponse(answer, operation.name, target), status, bytes };
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
