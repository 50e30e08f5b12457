import { GatewayError } from '../../errors.ts';
import type { Call, CallKey, CallResult, CallRule } from '../connector.ts';
import { abortFault } from './abort.ts';

export type CoalesceOptions = {
  source: string;
  /** Whether the call only reads: nothing else is ever shared. */
  isRead: (call: Call) => boolean;
  /** Everything the call sends; undefined when it cannot be compared. */
  keyOf: (call: Call) => CallKey | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Most shared calls under way; what comes beyond is called by itself (default 10,000). */
  maxFlights?: number;
};

type Flight = {
  /** The call that is made for all; its deadline is the latest of those who waited, for whoever looks later. */
  shared: Call;
  answer: Promise<CallResult>;
  controller: AbortController;
  waiters: number;
  /** The deadline it was sent with. */
  startDeadline: number;
};

/**
 * Protects a source from being asked the same thing many times at once: equal reads under way share one call ("single flight").
 * Equal are calls that send the same; see `CallKey`. The shared call has a signal of its own and ends when the last waiter has
 * gone; its deadline is the latest waiter's. Nothing is kept once it has ended, failures least of all.
 *
 * Each waiter fails with the error of the shared call, or with its own when it leaves. Who joined and has more time than the call
 * was sent with does not take its time-out: it asks anew.
 */
export function createCoalesceRule(options: CoalesceOptions): CallRule {
  const { source, isRead, keyOf, now, maxFlights = 10_000 } = options;
  return (next) => {
    const flights = new Map<string, Flight>();

    function start(call: Call, key: CallKey): Flight {
      const controller = new AbortController();
      const shared: Call = { ...call, key, notes: {}, signal: controller.signal };
      const flight: Flight = { shared, controller, waiters: 0, startDeadline: call.deadline, answer: next(shared) };
      flights.set(key.text, flight);
      return flight;
    }

    function share(call: Call): Promise<CallResult> {
      let key: CallKey | undefined;
      try {
        key = call.key ?? keyOf(call);
      } catch (error) {
        return Promise.reject(error);
      }
      if (key === undefined) return next(call);
      const joined = flights.get(key.text);
      if (!joined && flights.size >= maxFlights) return next({ ...call, key });
      const flight = joined ?? start(call, key);
      flight.shared.deadline = Math.max(flight.shared.deadline, call.deadline);
      return take(flight, { ...call, key }, joined !== undefined);
    }

    /** Waits for a flight as long as the call's own signal allows. */
    function take(flight: Flight, call: Call & { key: CallKey }, joined: boolean): Promise<CallResult> {
      flight.waiters += 1;
      return new Promise((resolve, reject) => {
        const tell = (): void => {
          if (call.notes) Object.assign(call.notes, flight.shared.notes, joined && { coalesced: true });
        };
        // Nobody may join a call that has ended, or is about to be cancelled.
        const forget = (): void => {
          if (flights.get(call.key.text) === flight) flights.delete(call.key.text);
        };
        const end = (): void => {
          call.signal.removeEventListener('abort', leave);
          forget();
          tell();
        };
        const leave = (): void => {
          flight.waiters -= 1;
          tell();
          reject(abortFault(call.signal, source));
          if (flight.waiters > 0) return;
          forget();
          flight.controller.abort(call.signal.reason);
        };
        call.signal.addEventListener('abort', leave, { once: true });
        flight.answer.then(
          (result) => {
            end();
            resolve(result);
          },
          (error: unknown) => {
            end();
            const outlived = joined && call.deadline > flight.startDeadline && now() >= flight.startDeadline;
            if (outlived && isLate(error) && !call.signal.aborted) share(call).then(resolve, reject);
            else reject(error);
          },
        );
      });
    }

    return (call) => (isRead(call) ? share(call) : next(call));
  };
}

function isLate(error: unknown): boolean {
  return error instanceof GatewayError && (error.code === 'UPSTREAM_TIMEOUT' || error.code === 'DEADLINE_EXCEEDED');
}
