/** What is sent beside a call's body: one set of rules for the headers of HTTP and the metadata of gRPC. */
import { GatewayError } from '../errors.ts';
import { isConnectionHeader, isHeaderName, isHeaderValue, nominatedBy } from '../lib/header-fields.ts';
import type { Call, ConnectorOptions } from './connector.ts';
import { type HeaderLevel, type HeaderPlan, planHeaders } from './header-policy.ts';
import { mayShape } from './key.ts';

export type HeaderOptions = Pick<ConnectorOptions, 'source' | 'headers' | 'headerRules' | 'policy' | 'now'>;

/**
 * The headers of one call, names in lower case.
 *
 * @param own headers that the operation itself sends
 * @param forKey leaves out what may differ between calls that are the same: what the gateway itself adds, and what the client sent
 *   for tracing alone
 */
export type HeaderBuilder = (
  call: Call,
  own?: Iterable<readonly [string, string]>,
  forKey?: boolean,
) => Map<string, string>;

/** A plan and what of the gateway's own it leaves in place. */
type Prepared = HeaderPlan & { first: readonly (readonly [string, string])[]; sendsId: boolean; sendsTime: boolean };

/**
 * Prepares the headers of a source. What the operator sets wins over what the operation sends, and that over what the client
 * sent; what the operator removes nobody sends. Each call also gets `x-request-id`, unless the operation sends one of its own, and,
 * as `x-request-timeout-ms`, the time that is left.
 *
 * @param defaults headers that everything else may replace
 * @throws GatewayError SOURCE_UNAVAILABLE when a header that was set cannot be sent; the builder throws BAD_REQUEST when a
 *   value that came with the request cannot
 */
export function createHeaders(options: HeaderOptions, defaults: Readonly<Record<string, string>> = {}): HeaderBuilder {
  const { source, policy, now } = options;
  const levels = [{ rules: options.headerRules }, { rules: policy.headers, given: options.headers }];
  const common = prepare(levels, source, defaults);
  const own = new Map(
    Object.entries(policy.operations).flatMap(([name, { headers: rules }]) =>
      rules ? [[name, prepare([...levels, { rules }], source, defaults)] as const] : [],
    ),
  );
  const planOf = own.size === 0 ? () => common : (call: Call) => own.get(call.operation) ?? common;

  return (call, ofOperation = [], forKey = false) => {
    const { first, forwarded, set, removed, sendsId, sendsTime } = planOf(call);
    const headers = new Map(first);
    const nominated = forwarded.length === 0 ? undefined : nominatedBy(call.headers.get('connection'));
    for (const [from, to] of forwarded) {
      if (forKey && !mayShape(from, to)) continue;
      const value = call.headers.get(from);
      if (value !== undefined && !nominated?.has(from)) headers.set(to, checked(from, value, source));
    }
    for (const [name, value] of ofOperation) {
      const key = name.toLowerCase();
      if (isConnectionHeader(key) || !isHeaderName(key) || removed.has(key)) continue;
      const before = key === 'cookie' ? headers.get(key) : undefined;
      headers.set(key, checked(key, before === undefined ? value : `${before}; ${value}`, source));
    }
    if (sendsId && !forKey && !headers.has('x-request-id'))
      headers.set('x-request-id', checked('x-request-id', call.requestId, source));
    if (forKey) headers.delete('x-request-timeout-ms');
    else if (sendsTime) headers.set('x-request-timeout-ms', String(Math.max(1, Math.floor(call.deadline - now()))));
    for (const [name, value] of set) headers.set(name, value);
    return headers;
  };
}

function prepare(levels: readonly HeaderLevel[], source: string, defaults: Readonly<Record<string, string>>): Prepared {
  const plan = planHeaders(levels, source);
  return {
    ...plan,
    // Without a type nobody could read the body.
    first: Object.entries(defaults).filter(([name]) => name === 'content-type' || !plan.removed.has(name)),
    sendsId: !plan.removed.has('x-request-id'),
    sendsTime: !plan.removed.has('x-request-timeout-ms'),
  };
}

function checked(name: string, value: string, source: string): string {
  if (isHeaderValue(value)) return value;
  throw new GatewayError('BAD_REQUEST', {
    source,
    message: `The value for the header ${name} holds characters that a header cannot carry: remove line breaks and control characters.`,
  });
}
