import type { Call, Caller } from '../connector.ts';
import { type Flight, startFlight } from './coalesce.ts';

/** Bulk calls under way, by the keys they ask for. Keys of one group differ in nothing else that is sent. */
export type KeyFlights = {
  /** Sorts keys by the flight that asks for them already; nobody asks for `own`. */
  split(group: string, keys: readonly string[]): { joined: ReadonlyMap<Flight, readonly string[]>; own: string[] };
  /** Begins a flight that others may join, as long as there are not too many. */
  start(group: string, keys: readonly string[], call: Call, send: Caller): Flight;
  /** Lets nobody join any more what is under way. */
  part(): void;
};

/** @param maxKeys most keys under way that can be joined */
export function createKeyFlights(maxKeys: number): KeyFlights {
  const groups = new Map<string, Map<string, Flight>>();
  let count = 0;
  return {
    split(group, keys) {
      const flights = groups.get(group);
      const joined = new Map<Flight, string[]>();
      const own: string[] = [];
      for (const key of keys) {
        const flight = flights?.get(key);
        const shared = flight && joined.get(flight);
        if (!flight) own.push(key);
        else if (shared) shared.push(key);
        else joined.set(flight, [key]);
      }
      return { joined, own };
    },
    start(group, keys, call, send) {
      if (count + keys.length > maxKeys) return startFlight(call, send, () => undefined);
      const flights = groups.get(group) ?? new Map<string, Flight>();
      groups.set(group, flights);
      const forget = (): void => {
        for (const key of keys) {
          if (flights.get(key) !== flight) continue;
          flights.delete(key);
          count -= 1;
        }
        if (flights.size === 0 && groups.get(group) === flights) groups.delete(group);
      };
      const flight = startFlight(call, send, forget);
      for (const key of keys) flights.set(key, flight);
      count += keys.length;
      return flight;
    },
    part() {
      for (const flights of groups.values()) flights.clear();
      groups.clear();
      count = 0;
    },
  };
}
