import type { CallBulk, CallSelection, Connector } from '../connect/connector.ts';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { Ask } from './ask.ts';

/** What a resolver wants called. */
export type Wanted = {
  source: string;
  operation: string;
  /** The field that asks, as `Type.field`: the first of those that share the call. */
  coordinate: string;
  /** The group of the plan that the call is one of. */
  group: number | undefined;
  args: Readonly<Record<string, unknown>>;
  idempotent: boolean;
  /** How many keys a bulk call carries; 0 for none. */
  keys: number;
  selection?: CallSelection;
  /** What of the answer is read, and how its rows are told apart by key; see `Call`. */
  mask?: readonly string[];
  bulk?: CallBulk;
};

/** Makes one call for a request; its record goes to the request's `calls` slot. */
export type Perform = (context: RequestContext, wanted: Wanted) => Promise<unknown>;

/** @param ask is told of each call before it is made, and may refuse it */
export function createPerform(connectors: ReadonlyMap<string, Connector>, ask: Ask): Perform {
  return async (context, wanted) => {
    const connector = connectors.get(wanted.source);
    if (!connector) throw new GatewayError('SOURCE_UNAVAILABLE', { source: wanted.source });
    const head = ask(context, wanted);
    const { deadline, signal, headers, requestId, calls } = context;
    const record = calls.push.bind(calls);
    const { data, passed } = await connector.call({ ...wanted, deadline, signal, headers, requestId, record });
    if (head) head.fields = passed ?? [];
    return data;
  };
}
