/** Generations in service: requests finish on the one they began on, and what was replaced is closed when the last of them has ended. */
import type { Generation } from './compose/generation.ts';
import { GatewayError } from './errors.ts';
import type { ShortEntry } from './http/short/entry.ts';
import type { ProtocolOptions } from './http/socket-protocol.ts';
import { createStreams, type OpenStream } from './http/streams.ts';
import type { Instance } from './pipeline.ts';

/** One generation in service: its entries, and how many operations are on it. */
export type Lane = {
  readonly generation: Generation;
  instance: Instance;
  /** For plain requests, where it is open. */
  short: ShortEntry | undefined;
  operate: ProtocolOptions['operate'];
  inFlight: number;
  emptied?: () => void;
};

export type LanesOptions = {
  /** Time that operations on a replaced generation get to finish, in ms. */
  readonly drainMs: number;
  /** Most subscriptions and answers in parts at once. */
  readonly maxStreams: number;
  /** Makes the entries of a generation. */
  open(generation: Generation, openStream: OpenStream): Pick<Lane, 'instance' | 'short' | 'operate'>;
  /** Told of a generation that could not be closed. */
  readonly onFault: (error: unknown) => void;
};

export type Lanes = {
  /** The lane a request stays on until it leaves it; undefined where nothing is served. */
  enter(): Lane | undefined;
  leave(lane: Lane): void;
  /** Takes another generation into service. It is built before it is swapped in; should that fail, the old one goes on. */
  swap(next: Generation | undefined): void;
  generation(): Generation | undefined;
  /** Requests on the lane that serves. */
  inFlight(): number;
  isClosed(): boolean;
  /** Tells all subscriptions why they end. */
  endSubscriptions(error: GatewayError): void;
  /** Takes no more requests, waits for those that are there for so long, and for what was replaced. */
  close(limitMs: number): Promise<void>;
};

/** Time that answers in parts get to say their last word. */
const lastWordMs = 250;

export function createLanes({ drainMs, maxStreams, open, onFault }: LanesOptions): Lanes {
  const retiring = new Set<Promise<void>>();
  // An answer in parts is on its lane until it is over, a plain one until it is sent.
  const streams = createStreams<Lane>(maxStreams, settle);
  let lane: Lane | undefined;
  let closed = false;

  function openLane(generation: Generation): Lane {
    const opened = { generation, inFlight: 0 } as Lane;
    return Object.assign(
      opened,
      open(generation, (kind, end) => streams.open(opened, kind, end)),
    );
  }

  function settle(left: Lane): void {
    if (isEmpty(left)) left.emptied?.();
  }

  function isEmpty(left: Lane): boolean {
    return left.inFlight === 0 && streams.count(left) === 0;
  }

  /** Waits until nothing is on the lane, at most so long. */
  async function emptied(left: Lane, limitMs: number): Promise<void> {
    if (isEmpty(left) || limitMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      left.emptied = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function retire(left: Lane): Promise<void> {
    await emptied(left, drainMs);
    if (streams.count(left) > 0) {
      streams.endOf(left, new GatewayError('DRAINING', { message: 'The schema was replaced: subscribe again.' }));
      await emptied(left, lastWordMs);
    }
    await left.instance.dispose();
    await left.generation[Symbol.asyncDispose]();
  }

  function keep(work: Promise<void>): void {
    const held = work.catch(onFault).finally(() => retiring.delete(held));
    retiring.add(held);
  }

  return {
    enter() {
      if (closed || lane === undefined) return undefined;
      lane.inFlight += 1;
      return lane;
    },
    leave(left) {
      left.inFlight -= 1;
      settle(left);
    },
    swap(next) {
      if (next === undefined) return;
      const successor = openLane(next);
      const previous = lane;
      lane = successor;
      if (previous !== undefined) keep(retire(previous));
    },
    generation: () => lane?.generation,
    inFlight: () => lane?.inFlight ?? 0,
    isClosed: () => closed,
    endSubscriptions: (error) => streams.endSubscriptions(error),
    async close(limitMs) {
      closed = true;
      if (lane !== undefined) await emptied(lane, limitMs);
      await Promise.all(retiring);
    },
  };
}
