/** Keeps account of timers, also of those that do not keep the process alive and that Node tells nothing of. */

export type Timers = {
  /** Timers that `isOurs` set since then, and that have neither fired nor been cleared. */
  open(): number;
  /** Gives the functions back that were there before. */
  [Symbol.dispose](): void;
};

export type HeldTimers = {
  /** The times they were set for, in ms, of those that have not been cleared. */
  times(): readonly number[];
  /** Lets the time of all of them come. */
  fire(): void;
  /** Gives the functions back that were there before; what is held never comes. */
  [Symbol.dispose](): void;
};

/** How Node marks a timer that has fired or was cleared. */
type Timer = NodeJS.Timeout & { readonly _destroyed?: boolean };
type Setter = (...args: never[]) => NodeJS.Timeout;

/** Timers that are over are forgotten whenever so many more were set. */
const PRUNE_EVERY = 256;

/**
 * Watches `setTimeout` and `setInterval` until it is disposed of.
 *
 * @param isOurs tells by the stack, innermost frame first, whether a timer counts
 */
export function watchTimers(isOurs: (stack: string) => boolean): Timers {
  const known = new Set<Timer>();
  let set = 0;
  const prune = (): void => {
    for (const timer of known) if (timer._destroyed === true) known.delete(timer);
  };
  const before = { setTimeout: globalThis.setTimeout, setInterval: globalThis.setInterval };
  const watched = (original: Setter): Setter => {
    const watching: Setter = (...args) => {
      const timer: Timer = original(...args);
      if (isOurs(new Error('set').stack ?? '')) known.add(timer);
      set += 1;
      if (set % PRUNE_EVERY === 0) prune();
      return timer;
    };
    // Node keeps the form that gives promises here.
    return Object.assign(watching, original);
  };
  Object.assign(globalThis, {
    setTimeout: watched(before.setTimeout as Setter),
    setInterval: watched(before.setInterval as Setter),
  });
  return {
    open() {
      prune();
      return known.size;
    },
    [Symbol.dispose]: () => void Object.assign(globalThis, before),
  };
}

/**
 * Holds timers of `setTimeout` back until it is told that their time has come: limits of many seconds are tried at once.
 *
 * @param isOurs tells by the stack, innermost frame first, whether a timer is held
 */
export function holdTimers(isOurs: (stack: string) => boolean): HeldTimers {
  const held = new Map<object, { run: () => void; ms: number }>();
  const before = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const setTimeout = (run: () => void, ms = 0, ...args: unknown[]): object => {
    if (!isOurs(new Error('set').stack ?? ''))
      return (before.setTimeout as (...all: unknown[]) => object)(run, ms, ...args);
    const timer = {};
    held.set(timer, { run, ms });
    return timer;
  };
  const clearTimeout = (timer: object): void => {
    if (!held.delete(timer)) before.clearTimeout(timer as NodeJS.Timeout);
  };
  // Node keeps the form that gives promises here.
  Object.assign(globalThis, { setTimeout: Object.assign(setTimeout, before.setTimeout), clearTimeout });
  return {
    times: () => [...held.values()].map(({ ms }) => ms),
    fire: () => {
      for (const [timer, { run }] of held) {
        held.delete(timer);
        run();
      }
    },
    [Symbol.dispose]: () => void Object.assign(globalThis, before),
  };
}
