import { GatewayError } from '../errors.ts';

/** Subscriptions last until somebody ends them; other answers in parts end by themselves. */
export type StreamKind = 'subscription' | 'answer';

/** Notes an answer that comes in parts. `end` is what ends it from outside; the function that is returned says that it is over. */
export type OpenStream = (kind: StreamKind, end: (reason: Error) => void) => () => void;

export type Streams<Owner> = {
  /** @throws GatewayError RATE_LIMITED when there are too many subscriptions */
  readonly open: (owner: Owner, ...stream: Parameters<OpenStream>) => () => void;
  /** How many of an owner are open. */
  readonly count: (owner: Owner) => number;
  /** Ends all of one owner; the error is the last word of each. */
  readonly endOf: (owner: Owner, reason: GatewayError) => void;
  /** The same for the subscriptions of all owners. */
  readonly endSubscriptions: (reason: GatewayError) => void;
};

/**
 * Keeps account of answers that come in parts, which may last: how many there may be, and how they end when the gateway leaves.
 *
 * @param limit most subscriptions that are open at once
 * @param changed told after each end
 */
export function createStreams<Owner>(limit: number, changed: (owner: Owner) => void): Streams<Owner> {
  const open = new Map<Owner, Set<{ readonly kind: StreamKind; readonly end: (reason: Error) => void }>>();
  let subscriptions = 0;
  return {
    open(owner, kind, end) {
      const weight = kind === 'subscription' ? 1 : 0;
      if (subscriptions + weight > limit) {
        const message = 'Too many subscriptions are open: end one, or try again later.';
        throw new GatewayError('RATE_LIMITED', { message, headers: { 'retry-after': '5' } });
      }
      const own = open.get(owner) ?? new Set();
      const entry = { kind, end };
      open.set(owner, own.add(entry));
      subscriptions += weight;
      return () => {
        if (!own.delete(entry)) return;
        subscriptions -= weight;
        if (own.size === 0) open.delete(owner);
        changed(owner);
      };
    },
    count: (owner) => open.get(owner)?.size ?? 0,
    endOf(owner, reason) {
      for (const { end } of [...(open.get(owner) ?? [])]) end(reason);
    },
    endSubscriptions(reason) {
      for (const { kind, end } of [...open.values()].flatMap((own) => [...own]))
        if (kind === 'subscription') end(reason);
    },
  };
}
