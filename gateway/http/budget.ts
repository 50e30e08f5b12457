/** The time one operation may take, as a moment and as a signal. */
import { GatewayError } from '../errors.ts';
import { type Abortable, Ending } from '../lib/ending.ts';

export type BudgetOptions = {
  /** Value of `x-request-timeout-ms`; what is not a whole number of milliseconds counts as not sent. */
  readonly asked: string | undefined;
  readonly defaultMs: number;
  readonly maxMs: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Aborted when the client has gone. */
  readonly gone: Abortable | undefined;
};

export type Budget = {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Aborted with a TimeoutError at the deadline, with an AbortError when the client leaves, or with the reason given to `end`. */
  readonly over: Ending;
  /** Puts another limit, counted from now, in place of the deadline; undefined takes it away. */
  extend(limitMs: number | undefined): void;
  /** Ends it at once. */
  end(reason: Error): void;
  /** Clears timer and listener; call it when the answer is made. What is over stays so. */
  release(): void;
};

/** Milliseconds a request may take: what it asks for, at most `maxMs`. */
export function chooseTimeout({
  asked,
  defaultMs,
  maxMs,
}: Pick<BudgetOptions, 'asked' | 'defaultMs' | 'maxMs'>): number {
  if (asked === undefined || !/^\d{1,9}$/.test(asked)) return defaultMs;
  return Math.min(Math.max(Number(asked), 1), maxMs);
}

/** Starts the clock of one operation, or of one event of a subscription. */
export function openBudget(options: BudgetOptions): Budget {
  const timeoutMs = chooseTimeout(options);
  const over = new Ending();
  const { gone } = options;
  const late = (): void => over.abort(new DOMException('The budget of the request is spent.', 'TimeoutError'));
  let timer: NodeJS.Timeout | undefined = setTimeout(late, timeoutMs);
  const end = (reason: Error): void => {
    clearTimeout(timer);
    over.abort(reason);
  };
  const leave = (): void => {
    // What ends a subscription ends its event for the same reason; whatever else a transport says means that the client left.
    const known = gone?.reason instanceof GatewayError;
    end(known ? (gone?.reason as Error) : new DOMException('The client has gone.', 'AbortError'));
  };
  if (gone?.aborted === true) leave();
  else gone?.addEventListener('abort', leave, { once: true });
  return {
    deadline: options.startedAt + timeoutMs,
    over,
    extend(limitMs) {
      clearTimeout(timer);
      timer = limitMs === undefined || over.aborted ? undefined : setTimeout(late, limitMs);
    },
    end,
    release() {
      clearTimeout(timer);
      gone?.removeEventListener('abort', leave);
    },
  };
}
