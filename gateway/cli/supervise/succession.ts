/** The supervisor, from inside a serving process. */
import type { Parent } from '../io.ts';
import type { Carried, FromServing, Ticket, ToServing } from './messages.ts';

export type Succession = {
  /** What this process has to come to before it may take over; undefined for one that starts on its own. */
  readonly wanted: Ticket | undefined;
  /** Of the gateway.yaml that it has to have read; undefined where that was read for it. */
  readonly settings: string | undefined;
  /** Says that it cannot. */
  refuse(reason: string): void;
  /** Says that it can; resolves with what it goes on with when it is to listen. */
  ready(): Promise<Carried | undefined>;
  /** Says that it listens. */
  serving(): void;
  /**
   * Has a fresh process take over. `over` is called when that serves, before this resolves.
   * @returns why nobody did, or undefined
   */
  succeed(wanted: Ticket, limitMs: number): Promise<string | undefined>;
};

export type SuccessionOptions = {
  /** Gives what has to be carried to a process that takes over. */
  carry(): Promise<Carried>;
  /** Another process serves. */
  over(): void;
};

/** Resolves when the supervisor has said what this process begins as. */
export function openSuccession(parent: Parent, { carry, over }: SuccessionOptions): Promise<Succession> {
  const tell = (message: FromServing): void => parent.send(message);
  let take: ((carried: Carried | undefined) => void) | undefined;
  let settle: ((reason: string | undefined) => void) | undefined;
  return new Promise((resolve) => {
    const begin = ({ wanted, settings }: Extract<ToServing, { kind: 'begin' }>): void =>
      resolve({
        wanted,
        settings,
        refuse: (reason) => tell({ kind: 'unfit', reason }),
        ready: () =>
          new Promise((taken) => {
            take = taken;
            tell({ kind: 'ready' });
          }),
        serving: () => tell({ kind: 'serving' }),
        succeed: (next, limitMs) =>
          new Promise((settled) => {
            settle = settled;
            tell({ kind: 'succeed', wanted: next, limitMs });
          }),
      });
    parent.onMessage((heard) => {
      const message = heard as ToServing;
      if (message.kind === 'begin') begin(message);
      else if (message.kind === 'take') take?.(message.carried);
      else if (message.kind === 'refused') settle?.(message.reason);
      else if (message.kind === 'give') void carry().then((carried) => tell({ kind: 'given', carried }));
      else if (message.kind === 'over') {
        over();
        settle?.(undefined);
      }
    });
    tell({ kind: 'hello' });
  });
}
