/** What comes by itself, kept for a reader who takes one thing at a time. */

export type Inbox<T extends object> = {
  /** Keeps a value; without effect once it has ended. */
  put(value: T): void;
  /** Nothing more comes; with a fault, the reader fails with it after the values before it. The first end counts. */
  end(fault?: Error): void;
  /** The next value, as soon as there is one. One reader at a time. */
  take(): Promise<IteratorResult<T, undefined>>;
};

export type InboxOptions = {
  /** So many values wait at most, but for those that are under way when `pause` is called. */
  size: number;
  /** Called when the inbox is full, and when there is room again. */
  pause: () => void;
  resume: () => void;
};

export function createInbox<T extends object>({ size, pause, resume }: InboxOptions): Inbox<T> {
  const values: T[] = [];
  let isPaused = false;
  let ended: { fault: Error | undefined } | undefined;
  let wake = (): void => undefined;
  return {
    put(value) {
      if (ended) return;
      values.push(value);
      if (values.length >= size && !isPaused) {
        isPaused = true;
        pause();
      }
      wake();
    },
    end(fault) {
      ended ??= { fault };
      wake();
    },
    async take() {
      while (values.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const [value] = values.splice(0, 1);
      if (value === undefined) {
        if (ended?.fault) throw ended.fault;
        return { done: true, value: undefined };
      }
      if (isPaused && values.length < size) {
        isPaused = false;
        resume();
      }
      return { done: false, value };
    },
  };
}
