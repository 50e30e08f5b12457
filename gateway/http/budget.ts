/** The time one request may take, as a moment and as a signal. */

export type BudgetOptions = {
  /** Value of `x-request-timeout-ms`; what is not a whole number of milliseconds counts as not sent. */
  readonly asked: string | undefined;
  readonly defaultMs: number;
  readonly maxMs: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal | undefined;
};

export type Budget = {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Aborted with a TimeoutError at the deadline, with an AbortError when the client leaves. */
  readonly signal: AbortSignal;
  /** Clears timer and listener; call it when the answer is made. The signal stays as it is. */
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

/** Starts the clock of one request. */
export function openBudget(options: BudgetOptions): Budget {
  const timeoutMs = chooseTimeout(options);
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new DOMException('The budget of the request is spent.', 'TimeoutError'));
  }, timeoutMs);
  const leave = (): void => {
    clearTimeout(timer);
    controller.abort(new DOMException('The client has gone.', 'AbortError'));
  };
  if (options.gone?.aborted === true) leave();
  else options.gone?.addEventListener('abort', leave, { once: true });
  return {
    deadline: options.startedAt + timeoutMs,
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      options.gone?.removeEventListener('abort', leave);
    },
  };
}
