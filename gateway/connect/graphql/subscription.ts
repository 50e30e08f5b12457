/** What both protocols of subscriptions have in common. */
import type { LookupFunction } from 'node:net';
import type { TlsMaterial } from '../../config/tls-files.ts';
import type { HttpTarget } from '../rest/outcome.ts';
import type { Lost } from './outcome.ts';
import type { GraphqlRequest } from './prepare.ts';

export type SubscriptionRequest = {
  /** Where it is opened, with what proves who asks: for the wire alone. */
  url: URL;
  headers: ReadonlyMap<string, string>;
  body: GraphqlRequest;
  /** The payload of `connection_init`, where the protocol has one. */
  initPayload: Readonly<Record<string, string>>;
  /** Name of the root field, which is the key of its value in every event. */
  field: string;
  /** Largest event, in bytes. */
  maxBodyBytes: number;
  tls: TlsMaterial | undefined;
  /** Resolves the name of the host, where that has to be guarded. */
  lookup: LookupFunction | undefined;
  /** The same address, for the log. */
  target: () => HttpTarget;
  /** Told when the upstream has accepted; until then the time for opening runs. */
  opened: () => void;
  /** Told of errors of an event that stand at no place of their own. */
  lost: Lost;
  /** Told when the upstream does not know who asks. */
  refused: () => void;
};

/**
 * Opens a subscription at the upstream and gives the root field's value for each event; a GatewayError in its place is an event
 * that failed. It ends when the upstream completes it, and fails with a GatewayError, a PayloadError or what the network said, or
 * with the signal's reason. Who stops reading ends it at the upstream.
 */
export type OpenSubscription = (
  request: SubscriptionRequest,
  signal: AbortSignal,
) => AsyncGenerator<unknown, void, undefined>;
