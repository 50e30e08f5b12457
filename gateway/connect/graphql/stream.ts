import type { SubscriptionsPolicy } from '../../config/policy.ts';
import { GatewayError } from '../../errors.ts';
import type { Access } from '../auth/access.ts';
import { refuseAbove } from '../chain/request-size.ts';
import { LONGEST_WAIT_MS } from '../chain/wait.ts';
import type { Call, ConnectorOptions } from '../connector.ts';
import { createGuard, type Guard } from '../guard.ts';
import type { HeaderBuilder } from '../headers.ts';
import { type HttpTarget, transportFault } from '../rest/outcome.ts';
import { shownAddress } from '../shown-address.ts';
import { noteLost } from './outcome.ts';
import type { PreparedField } from './prepare.ts';
import { openSocket } from './socket.ts';
import { openEvents } from './sse.ts';
import type { OpenSubscription } from './subscription.ts';

export type StreamOptions = Pick<
  ConnectorOptions,
  'source' | 'policy' | 'maxBodyBytes' | 'maxRequestBytes' | 'guard' | 'now'
> & {
  /** Where queries are sent. */
  endpoint: string;
  headersOf: HeaderBuilder;
  access: Access;
  prepared: (call: Call) => PreparedField;
};

export type Streams = AsyncDisposable & { stream: (call: Call) => AsyncIterable<unknown> };

/** Longest time to open a subscription where the source has no deadline, in ms. */
const OPENING_MS = 10_000;
const PROTOCOLS: Readonly<Record<SubscriptionsPolicy['protocol'], { open: OpenSubscription; method: string }>> = {
  sse: { open: openEvents, method: 'POST' },
  'graphql-ws': { open: openSocket, method: 'GET' },
};
/** About a message of HTTP, or made by the library that upgrades the connection: nothing for an upgrade or `connection_init`. */
const NOT_FOR_UPGRADE = /^(accept|content-type|sec-websocket-.*)$/;
/** Who sends it, not who asks. */
const NOT_FOR_INIT = /^(user-agent|x-request-id)$/;

/**
 * Makes `Connector.stream` for the subscriptions of a GraphQL source, each on a connection of its own: principals never share one,
 * and who reads slowly holds up nobody else. No more is read than is asked for.
 *
 * It is open when the upstream has accepted it, which has to happen within the policy's `deadlineMs`; then it lasts as long as both
 * sides wish. Disposal ends all that are open.
 *
 * @throws GatewayError SOURCE_UNAVAILABLE when the policy's address cannot be used
 */
export function createStreams(options: StreamOptions): Streams {
  const { source } = options;
  const { url, protocol } = addressOf(options);
  const shown = shownAddress(url.href) ?? '';
  const lookup = guardOf(options)?.lookup;
  const stoppers = new Set<AbortController>();

  async function* read(call: Call, stopper: AbortController): AsyncGenerator<unknown, void, undefined> {
    const { policy, maxBodyBytes, headersOf, access, prepared } = options;
    const field = prepared(call);
    const body = field.build(call);
    refuseAbove(options, call, Buffer.byteLength(JSON.stringify(body)));
    if (call.signal.aborted || stopper.signal.aborted) return;
    const { open, method } = PROTOCOLS[protocol];
    const target = (): HttpTarget => ({ source, method, url: shown });
    const stop = (): void => stopper.abort();
    const late = (): void => stopper.abort(new GatewayError('UPSTREAM_TIMEOUT', { source }));
    const opening = setTimeout(late, Math.min(policy.deadlineMs ?? OPENING_MS, LONGEST_WAIT_MS));
    call.signal.addEventListener('abort', stop, { once: true });
    stoppers.add(stopper);
    try {
      const own = headersOf(call);
      // It has as much time as it wants.
      own.delete('x-request-timeout-ms');
      const { headers, refused } = await access.open({ ...call, signal: stopper.signal }, own);
      const upgraded = without(headers, NOT_FOR_UPGRADE);
      yield* open(
        {
          url: new URL(access.signed(url.href)),
          headers: protocol === 'sse' ? headers : upgraded,
          body,
          initPayload: Object.fromEntries(without(upgraded, NOT_FOR_INIT)),
          field: field.name,
          maxBodyBytes,
          tls: policy.tlsMaterial,
          lookup,
          target,
          opened: () => {
            clearTimeout(opening);
            call.opened?.();
          },
          lost: noteLost(call),
          refused,
        },
        stopper.signal,
      );
    } catch (cause) {
      if (!stopper.signal.aborted) throw transportFault(cause, target());
      if (stopper.signal.reason instanceof GatewayError) throw stopper.signal.reason;
    } finally {
      clearTimeout(opening);
      call.signal.removeEventListener('abort', stop);
      stoppers.delete(stopper);
    }
  }

  return {
    stream: (call) => ({
      [Symbol.asyncIterator]: () => {
        const stopper = new AbortController();
        const events = read(call, stopper);
        return {
          next: () => events.next(),
          return: () => {
            // A generator alone would finish waiting for the next event first.
            stopper.abort();
            return events.return(undefined);
          },
        };
      },
    }),
    [Symbol.asyncDispose]: async () => {
      for (const stopper of stoppers) stopper.abort(new GatewayError('SOURCE_UNAVAILABLE', { source }));
    },
  };
}

/** Where subscriptions are opened: what the policy says, seen from the endpoint, else the endpoint itself. */
function addressOf({ source, policy, endpoint }: StreamOptions): { url: URL } & Pick<SubscriptionsPolicy, 'protocol'> {
  const { protocol, url: own } = policy.subscriptions;
  if (own !== undefined && !URL.canParse(own, endpoint)) {
    const message = 'subscriptions.url in the policy of this source is no address: write a URL, or a path.';
    throw new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause: shownAddress(own) });
  }
  const url = new URL(own ?? endpoint, endpoint);
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
  if (policy.tlsMaterial && !isSecure) {
    const message =
      'The policy has tls but subscriptions are in plain text: write subscriptions.url with https or wss.';
    throw new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause: shownAddress(url.href) });
  }
  const scheme = protocol === 'sse' ? 'http' : 'ws';
  url.protocol = isSecure ? `${scheme}s:` : `${scheme}:`;
  // What they hold is nothing for the wire, and nothing for the log.
  url.hash = '';
  url.username = '';
  url.password = '';
  return { url, protocol };
}

/** An address of its own is the operator's, and judged by itself; else the endpoint's guard holds. */
function guardOf({ source, policy, guard, now }: StreamOptions): Guard | undefined {
  const { url } = policy.subscriptions;
  if (url === undefined || url.startsWith('/')) return guard;
  const { allowInternal } = policy.endpoints;
  return createGuard({ source, endpoint: url, allowInternal, onlyContract: false, now });
}

function without(headers: ReadonlyMap<string, string>, names: RegExp): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => !names.test(name)));
}
