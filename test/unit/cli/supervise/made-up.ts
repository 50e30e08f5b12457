/** A supervisor of processes that do what the test says. */
import type { Signal } from '../../../../gateway/cli/io.ts';
import type { FromServing, ToServing } from '../../../../gateway/cli/supervise/messages.ts';
import type { Serving } from '../../../../gateway/cli/supervise/seats.ts';
import { supervise } from '../../../../gateway/cli/supervise/supervisor.ts';
import { createSwitchboard } from '../../../../gateway/cli/supervise/switchboard.ts';
import { createFakeClock } from '../../../kit/clock.ts';

export type Fake = {
  /** What it heard, signals included. */
  readonly heard: unknown[];
  says(message: FromServing): void;
  ends(code: number | null, signal?: string): void;
};

/** @param workers how many serve side by side; without it one serves, and who takes over from it */
export function openProgram(workers?: number) {
  const clock = createFakeClock();
  const started: Fake[] = [];
  const lost: unknown[] = [];
  const timers = new Set<{ ms: number; then: () => void }>();
  const listening = { signals: true };
  let signal: (signal: Signal) => void = () => undefined;
  const start = (): Serving => {
    let onMessage: (message: FromServing) => void = () => undefined;
    let onExit: (code: number | null, by: string | null) => void = () => undefined;
    const heard: unknown[] = [];
    started.push({ heard, says: (message) => onMessage(message), ends: (code, by) => onExit(code, by ?? null) });
    return {
      // Who serves is told all the time; tests of the switchboard look at that.
      send: (message: ToServing) => void (message.kind === 'standing' || heard.push(message)),
      kill: (how) => void heard.push(how),
      onMessage: (listener) => {
        onMessage = listener;
      },
      onExit: (listener) => {
        onExit = listener;
      },
    };
  };
  const severalOf = (count: number) => ({
    workers: count,
    board: createSwitchboard(async () => undefined),
    settings: 's',
    now: clock.now,
    onLost: (event: unknown) => void lost.push(event),
  });
  let ended: number | undefined;
  const end = supervise({
    start,
    onSignal: (listener) => {
      signal = listener;
      return () => {
        listening.signals = false;
      };
    },
    after: (ms, then) => {
      const timer = { ms, then };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    ...(workers !== undefined && { several: severalOf(workers) }),
  });
  void end.then((code) => {
    ended = code;
  });
  const process = (at: number): Fake => {
    const found = started[at];
    if (!found) throw new Error(`nothing was started as number ${at}`);
    return found;
  };
  const serve = (at: number): Fake => {
    process(at).says({ kind: 'hello' });
    process(at).says({ kind: 'serving' });
    return process(at);
  };
  return {
    clock,
    started,
    lost,
    timers,
    listening,
    end,
    process,
    serve,
    signal: (which: Signal) => signal(which),
    ended: () => ended,
    /** All serve. */
    all: () => Array.from({ length: workers ?? 1 }, (_, at) => serve(at)),
    /** The only timer there is runs out. */
    fire(): number | undefined {
      const [timer] = timers;
      if (timer) timers.delete(timer);
      timer?.then();
      return timer?.ms;
    },
  };
}
