import type { Signal } from '../io.ts';
import type { FromServing, ToServing } from './messages.ts';

/** A serving process, from outside. */
export type Serving = {
  send(message: ToServing): void;
  kill(signal: Signal | 'SIGKILL'): void;
  onMessage(listener: (message: FromServing) => void): void;
  /** Told once; `code` is null where a signal ended it. */
  onExit(listener: (code: number | null, signal: string | null) => void): void;
};

/** The place of one of those that serve side by side. */
export type Seat = {
  readonly worker: number;
  process: Serving | undefined;
  /** Whether it listens. */
  isUp: boolean;
  /** Why it does not. */
  reason: string;
  /** Whether what was started in this place refused to serve. */
  isUnfit: boolean;
  stopTimer: (() => void) | undefined;
};

export function emptySeats(count: number): Seat[] {
  return Array.from({ length: count }, (_, index) => {
    const empty = { process: undefined, isUp: false, stopTimer: undefined };
    return { ...empty, worker: index + 1, reason: 'It is starting.', isUnfit: false };
  });
}
