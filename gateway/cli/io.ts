import type { Environment } from '../config/env.ts';

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The program that started this one, for processes that the gateway starts itself. */
export type Parent = {
  send(message: unknown): void;
  /** `handle` is a connection that came with the message. */
  onMessage(listener: (message: unknown, handle: unknown) => void): void;
  /** It is gone, or does not want to hear any more. */
  onGone(listener: () => void): void;
};

/** The process, as commands see it. */
export type Io = {
  /** What follows the name of the program. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Folder relative paths start from. */
  readonly cwd: string;
  /** Whether a person reads the output. */
  readonly isTerminal: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Id of the process, where it has one of its own. */
  readonly pid?: number | undefined;
  /** Cores that this process may use. */
  readonly cores?: number | undefined;
  /** Since the process started. */
  uptimeMs(): number;
  /** Takes signals over until the returned function is called. */
  onSignal(listener: (signal: Signal) => void): () => void;
  /** Only where that program speaks to its processes. */
  readonly parent?: Parent | undefined;
};

/** 0 it worked, 1 what was looked at is bad, 2 wrong usage, 70 a fault of ours (as in sysexits). */
export const exitCodes = { ok: 0, bad: 1, usage: 2, internal: 70 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
