import { GatewayError } from '../../errors.ts';
import { abortFault } from '../chain/abort.ts';
import type { Connector, ConnectorOptions } from '../connector.ts';
import { createHeaders } from '../headers.ts';
import { type GrpcTarget, payloadFault, statusFault } from './outcome.ts';
import { prepareMethod, readRoots } from './prepare.ts';
import { createGrpcTransport, type GrpcReply } from './transport.ts';

/**
 * Calls the unary methods of a gRPC source over one channel. Answers are messages with the names of the proto: 64-bit integers
 * and bytes (base64) as text, enums by name, defaults filled in, absent `optional` fields missing.
 *
 * Fails with our codes alone; what was sent and what came back stand in `cause`, for the log.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no usable endpoint or the descriptors lack a method
 */
export function createGrpcConnector(options: ConnectorOptions): Connector {
  const { source, policy, now } = options;
  const roots = readRoots(options.roots, source);
  const operations = new Map(
    options.operations.map((operation) => {
      const notFoundIsNull = policy.operations[operation.name]?.notFound === 'null';
      return [operation.name, { ...prepareMethod(operation, roots, source), notFoundIsNull }];
    }),
  );
  const headersOf = createHeaders(options);
  const transport = createGrpcTransport(options);

  return {
    source,
    kind: 'grpc',
    call: async (call) => {
      const operation = operations.get(call.operation);
      if (!operation) throw new GatewayError('INTERNAL', { source, cause: `no operation ${call.operation}` });
      const { path } = operation;
      const message = operation.encode(call.args);
      const remainingMs = Math.max(0, call.deadline - now());
      const target: GrpcTarget = { source, target: transport.target, path };
      let reply: GrpcReply;
      try {
        reply = await transport.send({ path, message, headers: headersOf(call), remainingMs }, call.signal);
      } catch (cause) {
        throw call.signal.aborted ? abortFault(call.signal, source) : cause;
      }
      if ('code' in reply) {
        if (reply.name === 'NOT_FOUND' && operation.notFoundIsNull) return { data: null, status: reply.code, bytes: 0 };
        throw statusFault(reply, target);
      }
      try {
        return { data: operation.decode(reply.message), status: 0, bytes: reply.message.length };
      } catch (cause) {
        throw payloadFault(cause, target);
      }
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
