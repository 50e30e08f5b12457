/** One call as the server received it. */
export type ReceivedCall = {
  /** The contract's name of the operation: an operationId, a gRPC method, or `GET /path` where there is no operationId. */
  readonly operation: string;
  /** What was asked: path and query parameters and `body` of a REST call, the message of a gRPC call. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the client went away before it had the whole answer. */
  readonly cancelled: boolean;
};

/** Counts calls as they arrive, also those that are refused. The counts are exact, the list keeps the latest calls only. */
export type CallCounter = {
  total(): number;
  byOperation(): Readonly<Record<string, number>>;
  cancelled(): number;
  /** The latest calls, oldest first. */
  list(): readonly ReceivedCall[];
  reset(): void;
  /**
   * Waits until the counter looks as wanted, so that nobody has to sleep and hope.
   * Rejects after `timeoutMs` (default 5,000).
   */
  until(wanted: (calls: CallCounter) => boolean, timeoutMs?: number): Promise<void>;
};

/** What a server does with its counter. */
export type CallRecorder = {
  counter: CallCounter;
  /** Counts a call and hands out the function that marks it as cancelled. */
  record(call: { operation: string; input: Record<string, unknown>; headers: Record<string, string> }): CallMark;
};

export type CallMark = { input: Record<string, unknown>; cancel(): void };

/**
 * Makes a counter of received calls.
 *
 * @param options `listed`: how many calls the list keeps (default 2,000); `maxWaiters`: how many may wait at once (default 100)
 */
export function createCallRecorder(options: { listed?: number; maxWaiters?: number } = {}): CallRecorder {
  const listed = options.listed ?? 2000;
  const maxWaiters = options.maxWaiters ?? 100;
  const waiters = new Set<() => void>();
  let counts = new Map<string, number>();
  let calls: Array<{ -readonly [Key in keyof ReceivedCall]: ReceivedCall[Key] }> = [];
  let total = 0;
  let cancelled = 0;

  function changed(): void {
    for (const look of [...waiters]) {
      look();
    }
  }

  function until(wanted: (calls: CallCounter) => boolean, timeoutMs = 5000): Promise<void> {
    if (wanted(counter)) {
      return Promise.resolve();
    }
    if (waiters.size >= maxWaiters) {
      return Promise.reject(new Error(`more than ${maxWaiters} wait for calls`));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiters.delete(look);
        reject(new Error(`the calls did not get there in ${timeoutMs} ms: ${JSON.stringify(counter.byOperation())}`));
      }, timeoutMs);
      function look(): void {
        if (wanted(counter)) {
          clearTimeout(timer);
          waiters.delete(look);
          resolve();
        }
      }
      waiters.add(look);
    });
  }

  const counter: CallCounter = {
    total: () => total,
    byOperation: () => Object.fromEntries(counts),
    cancelled: () => cancelled,
    list: () => calls.map((call) => ({ ...call })),
    reset: () => {
      counts = new Map();
      calls = [];
      total = 0;
      cancelled = 0;
      changed();
    },
    until,
  };

  return {
    counter,
    record: ({ operation, input, headers }) => {
      const call = { operation, input, headers, cancelled: false };
      const counted = counts;
      total += 1;
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      calls.push(call);
      if (calls.length > listed) {
        calls.shift();
      }
      changed();
      return {
        input,
        cancel: () => {
          // A call from before a reset belongs to no count any more.
          if (!call.cancelled && counted === counts) {
            call.cancelled = true;
            cancelled += 1;
            changed();
          }
        },
      };
    },
  };
}
