/** Who waits for changes of a store: looks at its position when it is rung, and every now and then, since a bell may be missed. */

export type WatchersOptions = {
  /** What changes with every change of the head, empty in an empty registry. */
  readonly position: () => Promise<string>;
  readonly pollMs: number;
  /** Starts to listen for changes, as far as the store can tell of them by itself; ends with the returned function. */
  readonly listen: (ring: () => void) => () => void;
  /** Told once when looking fails, and once more when it fails again after it went well. */
  readonly onFault: (error: unknown) => void;
};

export type Watchers = {
  watch(changed: () => void): () => void;
  close(): void;
};

/**
 * Calls every watcher once for each position that it has not seen, so also at its start when there is something: what happened
 * between reading the head and watching it is not missed.
 */
export function createWatchers({ position, pollMs, listen, onFault }: WatchersOptions): Watchers {
  const seen = new Map<() => void, string>();
  let timer: NodeJS.Timeout | undefined;
  let end: (() => void) | undefined;
  let isLooking = false;
  let isRung = false;
  let isFaulty = false;

  function ring(): void {
    isRung = true;
    if (!isLooking) void look();
  }

  async function look(): Promise<void> {
    isLooking = true;
    while (isRung && seen.size > 0) {
      isRung = false;
      try {
        tell(await position());
        isFaulty = false;
      } catch (error) {
        if (!isFaulty) onFault(error);
        isFaulty = true;
      }
    }
    isLooking = false;
  }

  function tell(now: string): void {
    for (const [changed, before] of seen) {
      if (before === now) continue;
      seen.set(changed, now);
      changed();
    }
  }

  function stop(): void {
    clearInterval(timer);
    end?.();
    end = undefined;
  }

  return {
    watch(changed) {
      // A function of its own, so that the same one may watch twice.
      const watcher = (): void => changed();
      seen.set(watcher, '');
      if (seen.size === 1) {
        timer = setInterval(ring, pollMs).unref();
        end = listen(ring);
      }
      ring();
      return () => {
        if (seen.delete(watcher) && seen.size === 0) stop();
      };
    },
    close() {
      seen.clear();
      stop();
    },
  };
}
