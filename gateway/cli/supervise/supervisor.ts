/**
 * Looks after the process that serves, and has a fresh one take over from it when it asks for that. It reads nothing, answers nobody and
 * builds nothing, so that nothing can go wrong with it; requests never pass through it.
 *
 *     starting → serving ──succeed──▶ [building → taking] ──serving──▶ over: finishes what it has, and ends
 */
import { type ExitCode, exitCodes, type Signal } from '../io.ts';
import type { FromServing, Ticket, ToServing } from './messages.ts';

/** A serving process, from outside. */
export type Serving = {
  send(message: ToServing): void;
  kill(signal: Signal | 'SIGKILL'): void;
  onMessage(listener: (message: FromServing) => void): void;
  /** Told once; `code` is null where a signal ended it. */
  onExit(listener: (code: number | null, signal: string | null) => void): void;
};

export type SupervisorOptions = {
  start(): Serving;
  /** Takes signals over until the returned function is called. */
  onSignal(listener: (signal: Signal) => void): () => void;
  /** Calls back after so many ms, until the returned function is called. */
  after(ms: number, then: () => void): () => void;
};

/** A process that is to take over; `hasTaken` from when it was given all that it goes on with. */
type Coming = { readonly process: Serving; hasTaken: boolean; stopTimer: () => void };

const ENDING = 'This gateway is about to end.';

/** @returns the exit code, when the last process has ended: that of the one that served last */
export function supervise({ start, onSignal, after }: SupervisorOptions): Promise<ExitCode> {
  return new Promise((resolve) => {
    const leaving = new Set<Serving>();
    let serving: Serving | undefined;
    let coming: Coming | undefined;
    let isStopping = false;
    let code: ExitCode = exitCodes.ok;

    function launch(wanted?: Ticket): Serving {
      const launched = start();
      launched.onMessage((message) => {
        if (message.kind === 'hello') launched.send({ kind: 'begin', ...(wanted ? { wanted } : {}) });
        else hear(launched, message);
      });
      launched.onExit((exit, signal) => gone(launched, exit, signal));
      return launched;
    }

    function hear(from: Serving, message: FromServing): void {
      if (from === serving) {
        if (message.kind === 'succeed') succeed(message);
        else if (message.kind === 'given' && coming) hand({ kind: 'take', carried: message.carried });
      } else if (from === coming?.process) {
        if (message.kind === 'unfit') refuse(message.reason);
        else if (message.kind === 'ready') serving?.send({ kind: 'give' });
        else if (message.kind === 'serving') switchOver();
      }
    }

    function succeed({ wanted, limitMs }: Extract<FromServing, { kind: 'succeed' }>): void {
      if (isStopping || coming) {
        serving?.send({ kind: 'refused', reason: ENDING });
        return;
      }
      const tooLate = (): void => refuse(`A fresh process was not ready within ${limitMs / 1000} s (build.maxMs).`);
      coming = { process: launch(wanted), hasTaken: false, stopTimer: after(limitMs, tooLate) };
    }

    function hand(message: Extract<ToServing, { kind: 'take' }>): void {
      if (!coming || coming.hasTaken) return;
      coming.hasTaken = true;
      coming.process.send(message);
    }

    /** The one that was to come is given up; what serves goes on. */
    function refuse(reason: string): void {
      if (!coming) return;
      const { process: fresh, stopTimer } = coming;
      coming = undefined;
      stopTimer();
      leaving.add(fresh);
      fresh.kill('SIGKILL');
      serving?.send({ kind: 'refused', reason });
    }

    function switchOver(): void {
      if (!coming) return;
      coming.stopTimer();
      const before = serving;
      serving = coming.process;
      coming = undefined;
      if (!before) return;
      leaving.add(before);
      before.send({ kind: 'over' });
    }

    function gone(which: Serving, exit: number | null, signal: string | null): void {
      leaving.delete(which);
      if (which === coming?.process) {
        refuse(`A fresh process ended before it served: ${signal ?? `exit code ${exit}`}.`);
        leaving.delete(which);
      } else if (which === serving) {
        serving = undefined;
        // One that is told to end before it can hear ends by the signal.
        code = isStopping && exit === null ? exitCodes.ok : codeOf(exit);
        // Whoever has the state already listens in a moment; others would begin without it, so they are not waited for.
        if (coming && !coming.hasTaken) refuse('');
      }
      if (serving || coming || leaving.size > 0) return;
      stopSignals();
      resolve(code);
    }

    const stopSignals = onSignal((signal) => {
      if (signal === 'SIGHUP') return serving?.kill(signal);
      isStopping = true;
      if (!coming?.hasTaken) refuse(ENDING);
      for (const each of [serving, coming?.process, ...leaving]) each?.kill(signal);
    });
    serving = launch();
  });
}

/** What ended by a signal, or with a code that is not ours, ended by a fault. */
function codeOf(exit: number | null): ExitCode {
  return Object.values(exitCodes).find((code) => code === exit) ?? exitCodes.internal;
}
