import { GatewayError } from '../../errors.ts';
import { type AccessOptions, createAccess } from '../auth/access.ts';
import { abortFault } from '../chain/abort.ts';
import { refuseAbove } from '../chain/request-size.ts';
import type { Call, Connector } from '../connector.ts';
import { createHeaders } from '../headers.ts';
import { httpKey } from '../key.ts';
import { createPassings, pickFields } from '../response-headers.ts';
import { type HttpAnswer, type HttpTarget, transportFault } from '../rest/outcome.ts';
import { noteLost, readResponse } from './outcome.ts';
import { type PreparedField, prepareField } from './prepare.ts';
import { createStreams } from './stream.ts';
import { createGraphqlTransport } from './transport.ts';

const DEFAULTS = {
  'user-agent': 'tributary',
  accept: 'application/graphql-response+json, application/json;q=0.9',
  'content-type': 'application/json',
};

/**
 * Asks a GraphQL source for one root field with the selection of the call. Its field errors come back inside the data, each as a
 * GatewayError at its place. Subscriptions are opened as the policy says, each event like an answer; one that failed as a whole is
 * a GatewayError.
 *
 * Fails with our codes alone; what was sent and what came back stand in `cause`, for the log.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is no usable endpoint
 */
export function createGraphqlConnector(options: AccessOptions): Connector {
  const { source } = options;
  const access = createAccess('graphql', options);
  const transport = createGraphqlTransport(
    { ...options, tls: options.policy.tlsMaterial, maxConnections: options.policy.connections.max },
    access.signed(''),
  );
  const headersOf = createHeaders(options, DEFAULTS);
  const passingOf = createPassings(options.policy);
  const operations = new Map(options.operations.map((operation) => [operation.name, prepareField(operation, source)]));
  const target = (): HttpTarget => ({ source, method: 'POST', url: transport.url });
  const prepared = (call: Call): PreparedField => {
    const operation = operations.get(call.operation);
    if (!operation) throw new GatewayError('INTERNAL', { source, cause: `no operation ${call.operation}` });
    return operation;
  };
  const hasSubscriptions = options.operations.some(({ kind }) => kind === 'subscription');
  const streams = hasSubscriptions
    ? createStreams({ ...options, endpoint: transport.wireUrl, headersOf, access, prepared })
    : undefined;

  return {
    source,
    kind: 'graphql',
    ...(streams && { stream: streams.stream }),
    keyOf: (call) => {
      const operation = operations.get(call.operation);
      if (!operation) return undefined;
      const body = JSON.stringify(operation.build(call));
      // A question by POST is nothing that HTTP caches know of.
      const headers = access.keyed(call, headersOf(call, [], true));
      return { text: httpKey(call.operation, { method: 'POST', url: transport.keyUrl, headers, body }).text };
    },
    call: async (call) => {
      const operation = prepared(call);
      let answer: HttpAnswer;
      try {
        const body = JSON.stringify(operation.build(call));
        refuseAbove(options, call, Buffer.byteLength(body));
        answer = await access.send(call, headersOf(call), isRefused, (headers) =>
          transport.send(body, headers, call.signal),
        );
      } catch (cause) {
        throw call.signal.aborted ? abortFault(call.signal, source) : transportFault(cause, target());
      }
      const { status, bytes } = answer;
      const passing = passingOf?.(call.operation);
      const passed = passing && { passed: pickFields(passing, answer.headers) };
      return { data: readResponse(answer, operation.name, target, noteLost(call)), status, bytes, ...passed };
    },
    [Symbol.asyncDispose]: async () => {
      await streams?.[Symbol.asyncDispose]();
      await Promise.all([access[Symbol.asyncDispose](), transport[Symbol.asyncDispose]()]);
    },
  };
}

function isRefused({ status }: HttpAnswer): boolean {
  return status === 401;
}
