import type { Call, CallBulk, CallSelection, Connector } from '../connect/connector.ts';
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
  selection?: CallSelection | undefined;
  /** What of the answer is read, and how its rows are told apart by key; see `Call`. */
  mask?: readonly string[] | undefined;
  bulk?: CallBulk | undefined;
};

/** Makes one call for a request; its record goes to the request's `calls` slot. */
export type Perform = (context: RequestContext, wanted: Wanted) => Promise<unknown>;

/** @param ask is told of each call before it is made, and may refuse it */
export function createPerform(connectors: ReadonlyMap<string, Connector>, ask: Ask): Perform {
  return async (context, wanted) => {
    const connector = connectors.get(wanted.source);
    if (!connector) throw new GatewayError('SOURCE_UNAVAILABLE', { source: wanted.source });
    const head = ask(context, wanted);
    const { data, passed } = await connector.call(callFor(context, wanted));
    if (head) head.fields = passed ?? [];
    return data;
  };
}

/** All that a call may have is there from the beginning: rules make copies of it, which cost little as long as all have one shape. */
function callFor({ deadline, signal, headers, requestId, calls }: RequestContext, wanted: Wanted): Call {
  return {
    source: wanted.source,
    operation: wanted.operation,
    coordinate: wanted.coordinate,
    args: wanted.args,
    idempotent: wanted.idempotent,
    deadline,
    isSourceTime: undefined,
    signal,
    headers,
    requestId,
    keys: wanted.keys,
    bulk: wanted.bulk,
    record: (record) => void calls.push(record),
    selection: wanted.selection,
    mask: wanted.mask,
    group: wanted.group,
    notes: {},
    key: undefined,
    conditions: undefined,
    tried: undefined,
    opened: undefined,
  };
}
