/**
 * Looks after the processes that serve: one, or several side by side. It has a fresh one take over from one that asks for that, and starts
 * another in the place of one of several that ended. It reads nothing, answers nobody and builds nothing, so that nothing can go wrong
 * with it; requests never pass through it.
 *
 *     starting → serving ──succeed──▶ [building → taking] ──serving──▶ over: finishes what it has, and ends
 */
import { type ExitCode, exitCodes, type Signal } from '../io.ts';
import type { FromServing, Ticket, ToServing } from './messages.ts';
import { type Death, pauseBefore, recent } from './restarts.ts';
import { emptySeats, type Seat, type Serving } from './seats.ts';
import type { Switchboard } from './switchboard.ts';

export type SupervisorOptions = {
  start(): Serving;
  /** Takes signals over until the returned function is called. */
  onSignal(listener: (signal: Signal) => void): () => void;
  /** Calls back after so many ms, until the returned function is called. */
  after(ms: number, then: () => void): () => void;
  /** Where several serve side by side. */
  readonly several?: Several | undefined;
};

export type Several = {
  readonly workers: number;
  readonly board: Switchboard;
  /** Of the gateway.yaml that the gateway was started with. */
  readonly settings: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of a process that ended, and in how many ms another one is started; undefined where none is. */
  onLost(event: { readonly worker: number; readonly reason: string; readonly pauseMs: number | undefined }): void;
};

type Wish = {
  readonly seat: Seat;
  readonly from: Serving;
  readonly message: Extract<FromServing, { kind: 'succeed' }>;
};

/** A process that is to take over; `hasTaken` from when it was given all that it goes on with. */
type Coming = { readonly seat: Seat; readonly process: Serving; hasTaken: boolean; stopTimer: () => void };

const ENDING = 'This gateway is about to end.';
/** Until what refused to serve is tried again, in ms. */
const UNFIT_MS = 5000;

/** @returns the exit code, when the last process has ended: that of the one that served last, or of the first of several that failed */
export function supervise({ start, onSignal, after, several }: SupervisorOptions): Promise<ExitCode> {
  return new Promise((resolve) => {
    const seats = emptySeats(several?.workers ?? 1);
    const leaving = new Set<Serving>();
    /** Those that wait for their successor: one is made at a time. */
    const wishes: Wish[] = [];
    let coming: Coming | undefined;
    let hasServed = false;
    let isStopping = false;
    let code: ExitCode = exitCodes.ok;
    let deaths: readonly Death[] = [];
    let lost = 0;

    function launch(seat: Seat, wanted?: Ticket): Serving {
      const launched = start();
      const begin = { ...(wanted ? { wanted } : {}), ...(several ? { settings: several.settings } : {}) };
      launched.onMessage((message) => {
        if (message.kind === 'hello') {
          several?.board.connect(launched, seat.worker);
          launched.send({ kind: 'begin', ...begin });
        } else if (message.kind === 'word') several?.board.pass(launched, message);
        else hear(seat, launched, message);
      });
      launched.onExit((exit, signal) => gone(seat, launched, exit, signal));
      return launched;
    }

    function hear(seat: Seat, from: Serving, message: FromServing): void {
      if (from === seat.process) {
        if (message.kind === 'succeed') succeed({ seat, from, message });
        else if (message.kind === 'given' && coming) hand({ kind: 'take', carried: message.carried });
        else if (message.kind === 'serving') sit(seat, from);
        else if (message.kind === 'unfit') Object.assign(seat, { isUnfit: true, reason: message.reason });
      } else if (from === coming?.process) {
        if (message.kind === 'unfit') refuse(message.reason);
        else if (message.kind === 'ready') seat.process?.send({ kind: 'give' });
        else if (message.kind === 'serving') switchOver();
      }
    }

    /** It listens. The first one shows that the gateway can be served at all: the others begin after it. */
    function sit(seat: Seat, process: Serving): void {
      Object.assign(seat, { process, isUp: true, isUnfit: false, reason: '' });
      announce();
      if (hasServed) return;
      hasServed = true;
      for (const other of seats) other.process ??= isStopping ? undefined : launch(other);
    }

    function announce(): void {
      several?.board.tell(seats, lost);
    }

    function succeed(wish: Wish): void {
      const { seat, from, message } = wish;
      if (isStopping || coming?.seat === seat) {
        from.send({ kind: 'refused', reason: ENDING });
        return;
      }
      if (coming) {
        wishes.push(wish);
        return;
      }
      const tooLate = (): void =>
        refuse(`A fresh process was not ready within ${message.limitMs / 1000} s (build.maxMs).`);
      const process = launch(seat, message.wanted);
      coming = { seat, process, hasTaken: false, stopTimer: after(message.limitMs, tooLate) };
    }

    function succeedNext(): void {
      for (const wish of wishes.splice(0)) if (wish.seat.process === wish.from) succeed(wish);
    }

    function hand(message: Extract<ToServing, { kind: 'take' }>): void {
      if (!coming || coming.hasTaken) return;
      coming.hasTaken = true;
      coming.process.send(message);
    }

    /** The one that was to come is given up; what serves goes on. */
    function refuse(reason: string): void {
      if (!coming) return;
      const { seat, process: fresh, stopTimer } = coming;
      coming = undefined;
      stopTimer();
      leaving.add(fresh);
      fresh.kill('SIGKILL');
      seat.process?.send({ kind: 'refused', reason });
      succeedNext();
    }

    function switchOver(): void {
      if (!coming) return;
      const { seat, process, stopTimer } = coming;
      const before = seat.process;
      coming = undefined;
      stopTimer();
      sit(seat, process);
      if (before) leaving.add(before);
      before?.send({ kind: 'over' });
      succeedNext();
    }

    function gone(seat: Seat, which: Serving, exit: number | null, signal: string | null): void {
      several?.board.disconnect(which);
      leaving.delete(which);
      const how = signal ?? `exit code ${exit}`;
      if (which === coming?.process) {
        refuse(`A fresh process ended before it served: ${how}.`);
        leaving.delete(which);
        if (!seat.process) bury(seat, exit, how);
      } else if (which === seat.process) {
        Object.assign(seat, { process: undefined, isUp: false });
        // Whoever has the state already listens in a moment; others would begin without it, so they are not waited for.
        if (coming?.seat !== seat || !coming.hasTaken) {
          if (coming?.seat === seat) refuse('');
          bury(seat, exit, how);
        }
      }
      finish();
    }

    /** Nothing serves in the place any more. */
    function bury(seat: Seat, exit: number | null, how: string): void {
      // One that is told to end before it can hear ends by the signal.
      if (isStopping || !several) {
        fail(isStopping && exit === null ? exitCodes.ok : codeOf(exit));
        return;
      }
      const pauseMs = hasServed ? pauseAfter(seat, several, how) : undefined;
      if (pauseMs === undefined) {
        stop('SIGTERM', codeOf(exit));
        return;
      }
      seat.stopTimer = after(pauseMs, () => {
        Object.assign(seat, { stopTimer: undefined, isUnfit: false, process: launch(seat) });
      });
      announce();
    }

    function pauseAfter(seat: Seat, { now, workers, onLost }: Several, how: string): number | undefined {
      const { worker, isUnfit } = seat;
      if (isUnfit) return UNFIT_MS;
      seat.reason = `It ended (${how}), and is started again.`;
      deaths = [...recent(deaths, now()), { worker, at: now() }];
      lost += 1;
      const pauseMs = pauseBefore(deaths, worker, workers);
      onLost({ worker, reason: how, pauseMs });
      return pauseMs;
    }

    function fail(as: ExitCode): void {
      if (code === exitCodes.ok) code = as;
    }

    function stop(signal: Signal, as: ExitCode): void {
      isStopping = true;
      fail(as);
      if (!coming?.hasTaken) refuse(ENDING);
      for (const seat of seats) {
        seat.stopTimer?.();
        seat.stopTimer = undefined;
        seat.process?.kill(signal);
      }
      for (const each of [coming?.process, ...leaving]) each?.kill(signal);
    }

    function finish(): void {
      const isBusy = seats.some(({ process, stopTimer }) => process !== undefined || stopTimer !== undefined);
      if (isBusy || coming || leaving.size > 0) return;
      stopSignals();
      resolve(code);
    }

    const stopSignals = onSignal((signal) => {
      if (signal !== 'SIGHUP') {
        stop(signal, exitCodes.ok);
        return finish();
      }
      for (const seat of seats) if (seat.isUp) seat.process?.kill(signal);
    });
    for (const first of seats.slice(0, 1)) first.process = launch(first);
  });
}

/** What ended by a signal, or with a code that is not ours, ended by a fault. */
function codeOf(exit: number | null): ExitCode {
  return Object.values(exitCodes).find((code) => code === exit) ?? exitCodes.internal;
}
