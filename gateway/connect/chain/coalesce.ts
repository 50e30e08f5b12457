import { GatewayError } from '../../errors.ts';
import { Ending } from '../../lib/ending.ts';
import type { Call, Caller, CallKey, CallResult, CallRule } from '../connector.ts';
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

/** One call that is made for several. */
export type Flight = {
  /** The call that is made for all; its deadline is the latest of those who waited, for whoever looks later. */
  readonly shared: Call;
  readonly answer: Promise<CallResult>;
  readonly ending: Ending;
  /** Lets nobody join any more: it has ended, or is about to be cancelled. */
  readonly forget: () => void;
  waiters: number;
  /** The deadline it was sent with. */
  readonly startDeadline: number;
};

export function startFlight(call: Call, send: Caller, forget: () => void, key = call.key): Flight {
  const ending = new Ending();
  const shared: Call = { ...call, notes: {}, signal: ending, key };
  const answer = send(shared);
  // Whoever waits hears of a failure; should nobody, it must not end the process.
  answer.catch(() => undefined);
  return { shared, ending, forget, waiters: 0, startDeadline: call.deadline, answer };
}

/**
 * Waits for a flight as long as the call's own signal allows; it is cancelled when nobody waits for it any more.
 *
 * @param tell called when the wait is over, before anybody hears of it
 */
export function waitFor(flight: Flight, call: Call, source: string, tell: () => void): Promise<CallResult> {
  flight.waiters += 1;
  flight.shared.deadline = Math.max(flight.shared.deadline, call.deadline);
  return new Promise((resolve, reject) => {
    const end = (): void => {
      call.signal.removeEventListener('abort', leave);
      flight.forget();
      tell();
    };
    const leave = (): void => {
      flight.waiters -= 1;
      tell();
      reject(abortFault(call.signal, source));
      if (flight.waiters > 0) return;
      flight.forget();
      flight.ending.abort(call.signal.reason);
    };
    call.signal.addEventListener('abort', leave, { once: true });
    flight.answer.then(
      (result) => {
        end();
        resolve(result);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}

/** Whether a call that joined a flight has more time than the flight had, so that its time-out says nothing to the call. */
export function hasOutlived({ startDeadline }: Flight, call: Call, error: unknown, now: number): boolean {
  const isLate =
    error instanceof GatewayError && (error.code === 'UPSTREAM_TIMEOUT' || error.code === 'DEADLINE_EXCEEDED');
  return isLate && call.deadline > startDeadline && now >= startDeadline && !call.signal.aborted;
}

/**
 * Protects a source from being asked the same thing many times at once: equal reads under way share one call ("single flight").
 * Equal are calls that send the same; see `CallKey`. The shared call has a signal of its own and ends when the last waiter has
 * gone; its deadline is the latest waiter's. Nothing is kept once it has ended, failures least of all, and nobody joins a read that
 * began before a change ended.
 *
 * Each waiter fails with the error of the shared call, or with its own when it leaves. Who joined and has more time than the call
 * was sent with does not take its time-out: it asks anew.
 */
export function createCoalesceRule(options: CoalesceOptions): CallRule {
  const { source, isRead, keyOf, now, maxFlights = 10_000 } = options;
  return (next) => {
    const flights = new Map<string, Flight>();

    function start(call: Call, key: CallKey): Flight {
      const forget = (): void => {
        if (flights.get(key.text) === flight) flights.delete(key.text);
      };
      const flight = startFlight(call, next, forget, key);
      flights.set(key.text, flight);
      return flight;
    }

    function share(call: Call): Promise<CallResult> {
      if (call.signal.aborted) return Promise.reject(abortFault(call.signal, source));
      let key: CallKey | undefined;
      try {
        key = call.key ?? keyOf(call);
      } catch (error) {
        return Promise.reject(error);
      }
      if (key === undefined) return next(call);
      const joined = flights.get(key.text);
      if (!joined && flights.size >= maxFlights) return next({ ...call, key });
      return joined ? join(joined, call) : take(start(call, key), call, false);
    }

    function take(flight: Flight, call: Call, joined: boolean): Promise<CallResult> {
      return waitFor(flight, call, source, () => {
        if (!call.notes) return;
        Object.assign(call.notes, flight.shared.notes);
        if (joined) call.notes.coalesced = true;
      });
    }

    async function join(flight: Flight, call: Call): Promise<CallResult> {
      try {
        return await take(flight, call, true);
      } catch (error) {
        if (hasOutlived(flight, call, error, now())) return await share(call);
        throw error;
      }
    }

    return (call) => {
      // What was read before a change ended may be old: who asks after it asks anew.
      if (!call.idempotent) return next(call).finally(() => flights.clear());
      // Rows of bulk calls are shared by key.
      return isRead(call) && !call.bulk ? share(call) : next(call);
    };
  };
}
