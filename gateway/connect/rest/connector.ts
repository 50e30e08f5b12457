import { GatewayError } from '../../errors.ts';
import { type AccessOptions, createAccess } from '../auth/access.ts';
import { abortFault } from '../chain/abort.ts';
import type { Call, Connector, ConnectorOperation, ConnectorOptions } from '../connector.ts';
import { createHeaders } from '../headers.ts';
import { httpKey } from '../key.ts';
import { readAnswer } from './answer.ts';
import { type HttpAnswer, type HttpTarget, headOf, payloadFault, statusFault, transportFault } from './outcome.ts';
import { type PreparedRestOperation, prepareRestOperation } from './prepare.ts';
import { createHttpTransport } from './transport.ts';

/**
 * Calls the operations of a REST source. Answers come back as JSON without loss (64-bit integers that a double cannot hold are
 * strings of digits), sequences of JSON as lists, text as string, anything else as base64; no content is null.
 *
 * Fails with our codes alone; what was sent and what came back stand in `cause`, for the log.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no usable endpoint
 */
export function createRestConnector(options: AccessOptions): Connector {
  const { source, policy } = options;
  const transport = createHttpTransport({ ...options, tls: policy.tlsMaterial });
  const access = createAccess('rest', options);
  const headersOf = createHeaders(options, { 'user-agent': 'tributary' });
  const operations = new Map(
    options.operations.map((operation) => [operation.name, prepare(operation, source, policy.operations)]),
  );

  const requestOf = ({ accept, build }: Prepared, call: Call) => {
    const { path, headers: own, body } = build(call.args);
    return { path, headers: headersOf(call, [['accept', accept ?? '*/*'], ...own]), body };
  };

  return {
    source,
    kind: 'rest',
    keyOf: (call) => {
      const operation = operations.get(call.operation);
      if (!operation) return undefined;
      const { path, headers, body } = requestOf(operation, call);
      return httpKey(call.operation, {
        method: operation.method,
        url: transport.urlOf(path),
        headers: access.keyed(call, headers),
        body,
      });
    },
    call: async (call) => {
      const operation = operations.get(call.operation);
      if (!operation) throw new GatewayError('INTERNAL', { source, cause: `no operation ${call.operation}` });
      const { method } = operation;
      const { path, headers, body } = requestOf(operation, call);
      for (const [name, value] of call.conditions ?? []) headers.set(name, value);
      const target = (): HttpTarget => ({ source, method, url: transport.urlOf(path) });
      let answer: HttpAnswer;
      try {
        answer = await access.send(call, headers, isRefused, (sent) =>
          transport.send({ method, path: access.signed(path), headers: sent, body }, call.signal),
        );
      } catch (cause) {
        throw call.signal.aborted ? abortFault(call.signal, source) : transportFault(cause, target());
      }
      const { status, bytes } = answer;
      const head = call.conditions && { head: headOf(answer) };
      if (status === 304 && call.conditions?.size) return { data: undefined, status, bytes, ...head };
      if (status === 404 && operation.notFoundIsNull) return { data: null, status, bytes, ...head };
      if (status < 200 || status > 299) throw statusFault(answer, target());
      try {
        return { data: readAnswer(answer, operation), status, bytes, ...head };
      } catch (cause) {
        throw payloadFault(answer, target(), cause);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([access[Symbol.asyncDispose](), transport[Symbol.asyncDispose]()]);
    },
  };
}

function isRefused({ status }: HttpAnswer): boolean {
  return status === 401;
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
