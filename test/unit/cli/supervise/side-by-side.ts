/** Processes that serve side by side, in this one: what they say goes by a real switchboard, as copies. */
import { type Bus, openBus } from '../../../../gateway/cli/supervise/bus.ts';
import type { FromServing, Standing } from '../../../../gateway/cli/supervise/messages.ts';
import type { Serving } from '../../../../gateway/cli/supervise/seats.ts';
import { createSwitchboard, type Desk, type Place } from '../../../../gateway/cli/supervise/switchboard.ts';

export type Worker = {
  readonly bus: Bus;
  /** What it was told of who serves. */
  readonly standings: readonly Standing[];
  /** Whether it hears and says nothing, like one that is busy. */
  isDeaf: boolean;
};

export type SideBySide = {
  /** A process in the place of a worker; it hears what is said, and serves from `up`. */
  start(worker: number): Worker;
  up(worker: Worker): void;
  gone(worker: Worker): void;
  /** Timers of those that wait for answers. */
  readonly timers: Set<{ readonly ms: number; readonly then: () => void }>;
};

export function openSideBySide(desk: Desk = async () => undefined): SideBySide {
  const board = createSwitchboard(desk);
  const places: (Place & { process: Serving })[] = [];
  const processes = new Map<Worker, { process: Serving; worker: number }>();
  const timers: SideBySide['timers'] = new Set();
  const after = (ms: number, then: () => void): (() => void) => {
    const timer = { ms, then };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const tell = (): void =>
    board.tell(
      [...places].sort((a, b) => a.worker - b.worker),
      0,
    );
  return {
    timers,
    start(worker) {
      let hear: (message: unknown, handle: unknown) => void = () => undefined;
      const standings: Standing[] = [];
      const process: Serving = {
        send: (message) => {
          if (!started.isDeaf) hear(structuredClone(message), undefined);
        },
        kill: () => undefined,
        onMessage: () => undefined,
        onExit: () => undefined,
      };
      const parent = {
        send: (message: unknown) => {
          const said = structuredClone(message) as FromServing;
          if (said.kind === 'word') board.pass(process, said);
        },
        onMessage: (listener: typeof hear) => {
          hear = listener;
        },
        onGone: () => undefined,
      };
      const bus = openBus({ parent, after });
      bus.onStanding((standing) => standings.push(standing));
      const started: Worker = { bus, standings, isDeaf: false };
      processes.set(started, { process, worker });
      board.connect(process, worker);
      return started;
    },
    up(started) {
      const { process, worker } = processes.get(started) ?? fail();
      places.push({ process, worker, isUp: true, reason: '' });
      tell();
    },
    gone(started) {
      const { process } = processes.get(started) ?? fail();
      board.disconnect(process);
      places.splice(0, places.length, ...places.filter((place) => place.process !== process));
      tell();
    },
  };
}

/** So many that serve. */
export function serveTogether(count: number, desk?: Desk): SideBySide & { readonly workers: readonly Worker[] } {
  const side = openSideBySide(desk);
  const workers = Array.from({ length: count }, (_, index) => side.start(index + 1));
  for (const worker of workers) side.up(worker);
  return { ...side, workers };
}

function fail(): never {
  throw new Error('it was never started');
}
