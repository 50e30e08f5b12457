import { composeRules } from './chain/compose.ts';
import { createDeadlineRule } from './chain/deadline.ts';
import type { CallRule, Connector, ConnectorOptions } from './connector.ts';
import { createGraphqlConnector } from './graphql/connector.ts';
import { createGrpcConnector } from './grpc/connector.ts';
import { createRestConnector } from './rest/connector.ts';

const constructors: Readonly<Record<Connector['kind'], (options: ConnectorOptions) => Connector>> = {
  rest: createRestConnector,
  grpc: createGrpcConnector,
  graphql: createGraphqlConnector,
};

/**
 * Opens the connector of one source with the rules of the house around each call: `outer` (trace), then deadline, then the
 * transport.
 *
 * @param outer rules that stand before all others, outermost first
 * @throws GatewayError SOURCE_UNAVAILABLE when the source cannot be called at all; the message says what to change
 */
export function openConnector(
  kind: Connector['kind'],
  options: ConnectorOptions,
  outer: readonly CallRule[] = [],
): Connector {
  const connector = constructors[kind](options);
  const { source, policy, now } = options;
  const rules = [...outer, createDeadlineRule({ source, deadlineMs: policy.deadlineMs, now })];
  return { ...connector, call: composeRules(rules, connector.call) };
}
