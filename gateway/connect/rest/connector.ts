import { GatewayError } from '../../errors.ts';
import { abortFault } from '../chain/abort.ts';
import type { Connector, ConnectorOperation, ConnectorOptions } from '../connector.ts';
import { createHeaders } from '../headers.ts';
import { readAnswer } from './answer.ts';
import { type HttpAnswer, type HttpTarget, payloadFault, statusFault, transportFault } from './outcome.ts';
import { type PreparedRestOperation, prepareRestOperation } from './prepare.ts';
import { createHttpTransport } from './transport.ts';

/**
 * Calls the operations of a REST source. Answers come back as JSON without loss (64-bit integers that a double cannot hold are
 * strings of digits), sequences of JSON as lists, text as string, anything else as base64; no content is null.
 *
 * Fails with our codes alone; what was sent and what came back stand in `cause`, for the log.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no usable endpoint
 */
export function createRestConnector(options: ConnectorOptions): Connector {
  const { source, policy } = options;
  const transport = createHttpTransport(options);
  const headersOf = createHeaders(options, { 'user-agent': 'tributary' });
  const operations = new Map(
    options.operations.map((operation) => [operation.name, prepare(operation, source, policy.operations)]),
  );

  return {
    source,
    kind: 'rest',
    call: async (call) => {
      const operation = operations.get(call.operation);
      if (!operation) throw new GatewayError('INTERNAL', { source, cause: `no operation ${call.operation}` });
      const { method, accept } = operation;
      const { path, headers: own, body } = operation.build(call.args);
      const headers = headersOf(call, [['accept', accept ?? '*/*'], ...own]);
      const target = (): HttpTarget => ({ source, method, url: transport.urlOf(path) });
      let answer: HttpAnswer;
      try {
        answer = await transport.send({ method, path, headers, body }, call.signal);
      } catch (cause) {
        throw call.signal.aborted ? abortFault(call.signal, source) : transportFault(cause, target());
      }
      const { status, bytes } = answer;
      if (status === 404 && operation.notFoundIsNull) return { data: null, status, bytes };
      if (status < 200 || status > 299) throw statusFault(answer, target());
      try {
        return { data: readAnswer(answer, operation), status, bytes };
      } catch (cause) {
        throw payloadFault(answer, target(), cause);
      }
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

type Prepared = PreparedRestOperation & { notFoundIsNull: boolean };

function prepare(
  operation: ConnectorOperation,
  source: string,
  policies: ConnectorOptions['policy']['operations'],
): Prepared {
  const notFoundIsNull = policies[operation.name]?.notFound === 'null';
  return { ...prepareRestOperation(operation, source), notFoundIsNull };
}
