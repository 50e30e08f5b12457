import type { CallSelection, Connector } from '../connect/connector.ts';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';

/** What a resolver wants called. */
export type Wanted = {
  source: string;
  operation: string;
  args: Readonly<Record<string, unknown>>;
  idempotent: boolean;
  /** How many keys a bulk call carries; 0 for none. */
  keys: number;
  selection?: CallSelection;
};

/** Makes one call for a request; its record goes to the request's `calls` slot. */
export type Perform = (context: RequestContext, wanted: Wanted) => Promise<unknown>;

export function createPerform(connectors: ReadonlyMap<string, Connector>): Perform {
  return async (context, wanted) => {
    const connector = connectors.get(wanted.source);
    if (!connector) throw new GatewayError('SOURCE_UNAVAILABLE', { source: wanted.source });
    const { deadline, signal, headers, requestId, calls } = context;
    const record = calls.push.bind(calls);
    const { data } = await connector.call({ ...wanted, deadline, signal, headers, requestId, record });
    return data;
  };
}
