import type { Found } from './look-up.ts';

/** How a flight ended, for those who waited: an answer they may have, or none. `left` means that another may do better. */
export type Landing = { readonly found: Found; readonly reason: string } | 'none' | 'left';

export type Flights = {
  /** The end of a flight for the key that is under way. */
  join(key: string): Promise<Landing> | undefined;
  /** Begins one; undefined when too many are under way. Whoever begins it has to end it. */
  begin(key: string): { end(landing: Landing): void } | undefined;
};

/** Lets those who want the same answer at once wait for one who gets it. @param max most flights under way */
export function createFlights(max: number): Flights {
  const open = new Map<string, Promise<Landing>>();
  return {
    join: (key) => open.get(key),
    begin(key) {
      if (open.size >= max || open.has(key)) return undefined;
      let land: (landing: Landing) => void = () => undefined;
      open.set(
        key,
        new Promise<Landing>((resolve) => {
          land = resolve;
        }),
      );
      let isOver = false;
      return {
        end(landing) {
          land(landing);
          // Another may be under way by then.
          if (!isOver) open.delete(key);
          isOver = true;
        },
      };
    },
  };
}
