/** What a supervisor and its serving processes say to each other. */
import type { HeldBreaker } from '../../connect/chain/breakers.ts';
import type { OperationRecord } from '../../record/store.ts';
import type { Wanted } from '../../registry/successor.ts';

/** What is in the memory of a serving process alone, and must not be lost with it. */
export type Carried = {
  /** What changes of sources are judged by. */
  readonly operations: readonly OperationRecord[];
  /** What clients have left of their limits. */
  readonly budgets: readonly (readonly [key: string, fullAt: number])[];
  /** What an operator decided. */
  readonly breakers: readonly HeldBreaker[];
};

/** What a fresh process has to come to. */
export type Ticket = Wanted & {
  /** Of the gateway.yaml that the gateway was started with. */
  readonly settings: string;
};

/** A process that serves beside others. */
export type Peer = {
  /** No other process of the gateway ever had it. */
  readonly id: number;
  /** From 1; who takes its place has the same. */
  readonly worker: number;
};

/** Who serves, as the supervisor sees it. */
export type Standing = {
  /** Whom it is told to. */
  readonly self: Peer;
  /** The others that serve. */
  readonly others: readonly Peer[];
  /** Whether it does what one process is enough for: it looks at folders and published contracts. */
  readonly leads: boolean;
  /** Workers that are not there, and why. */
  readonly down: readonly { readonly worker: number; readonly reason: string }[];
  /** How many processes ended that should not have, since the gateway started. */
  readonly lost: number;
};

/** What one process says to others, about a topic; or to the supervisor, whose id is 0. */
export type Word = {
  readonly kind: 'word';
  readonly topic: string;
  readonly body: unknown;
  /** To whom; to all others without it. */
  readonly to?: number;
  /** The number of a question that waits for an answer, or that is answered here. */
  readonly asks?: number;
  readonly answers?: number;
};

export type ToServing =
  /**
   * To a process that said hello: with what it has to come to, where it is to take over from another; and which gateway.yaml it has to
   * have read, where it serves beside others.
   */
  | { readonly kind: 'begin'; readonly wanted?: Ticket; readonly settings?: string }
  | { readonly kind: 'standing'; readonly standing: Standing }
  | (Word & { readonly from: number })
  /** To the one that serves: give what is to be carried. */
  | { readonly kind: 'give' }
  /** To the one that is ready: take it, and listen. */
  | { readonly kind: 'take'; readonly carried?: Carried }
  /** To the one that served: another does now. */
  | { readonly kind: 'over' }
  /** To the one that serves: nobody took over, and why. */
  | { readonly kind: 'refused'; readonly reason: string };

export type FromServing =
  /** It has started, and hears what is said from now on. */
  | { readonly kind: 'hello' }
  /** Have this made by a fresh process, within so many ms. */
  | { readonly kind: 'succeed'; readonly wanted: Ticket; readonly limitMs: number }
  | { readonly kind: 'given'; readonly carried: Carried }
  /** It is made, and answered once. */
  | { readonly kind: 'ready' }
  /** It came to something else. */
  | { readonly kind: 'unfit'; readonly reason: string }
  /** It listens. */
  | { readonly kind: 'serving' }
  | Word;
