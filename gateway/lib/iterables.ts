/** Async iterables whose reader may leave at any time, also while it waits for a value. */

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** An iterable that is either read to its end or left by `return`. Its reader asks for one value at a time. */
export type Closable<T> = AsyncIterableIterator<T> & { return(): Promise<IteratorResult<T>> };

export type Steps<T, R> = {
  /** Each value on its way through. */
  readonly map: (value: T) => R | Promise<R>;
  /** What is given in place of an error, as the last value; undefined for nothing. */
  readonly recover: (error: unknown) => R | undefined;
  /** Once, when it is over: read to its end, failed, or left by its reader. */
  readonly end: () => void;
};

const done = Object.freeze({ done: true, value: undefined }) as IteratorReturnResult<undefined>;

/**
 * An iterable read through steps. Who leaves it leaves the source first and then waits for nothing: `end` is called and a value
 * that is awaited will not come, whatever the source still does.
 */
export function throughSteps<T, R>(source: AsyncIterable<T>, { map, recover, end }: Steps<T, R>): Closable<R> {
  const iterator = source[Symbol.asyncIterator]();
  let over = false;
  let leave: (() => void) | undefined;
  const finish = (): void => {
    if (over) return;
    over = true;
    end();
  };
  async function step(): Promise<IteratorResult<R>> {
    try {
      const { done: isLast, value } = await iterator.next();
      if (isLast !== true) return { done: false, value: await map(value) };
      finish();
      return done;
    } catch (error) {
      if (over) return done;
      const value = recover(error);
      finish();
      leaveQuietly(iterator);
      return value === undefined ? done : { done: false, value };
    }
  }
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (over) return Promise.resolve(done);
      return new Promise((resolve, reject) => {
        leave = () => resolve(done);
        step().then(resolve, reject);
      });
    },
    return() {
      if (!over) {
        leaveQuietly(iterator);
        finish();
        leave?.();
      }
      return Promise.resolve(done);
    },
  };
}

/** The same values, with something to do once when it is over, as in `throughSteps`. */
export function withEnd<T>(source: AsyncIterable<T>, end: () => void): Closable<T> {
  return throughSteps<T, T>(source, { map: (value) => value, recover: () => undefined, end });
}

/** What comes later, one value or many, as an iterable. Leaving it tells so by `leave`, and waits for nothing. */
export function later<T>(begin: () => Promise<T | AsyncIterable<T>>, leave: () => void): Closable<T> {
  let begun: Promise<AsyncIterator<T>> | undefined;
  let over = false;
  let wake: (() => void) | undefined;
  async function step(): Promise<IteratorResult<T>> {
    begun ??= begin().then((value) => (isAsyncIterable(value) ? value[Symbol.asyncIterator]() : once(value)));
    const iterator = await begun;
    return over ? done : iterator.next();
  }
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (over) return Promise.resolve(done);
      return new Promise((resolve, reject) => {
        wake = () => resolve(done);
        step().then(resolve, reject);
      });
    },
    return() {
      if (!over) {
        over = true;
        leave();
        begun?.then(leaveQuietly, () => undefined);
        wake?.();
      }
      return Promise.resolve(done);
    },
  };
}

async function* once<T>(value: T): AsyncGenerator<T, undefined, undefined> {
  yield value;
  return undefined;
}

/** Leaves an iterator without waiting: nobody is left who could be told of an error. */
export function leaveQuietly(iterator: AsyncIterator<unknown>): void {
  try {
    iterator.return?.()?.catch(() => undefined);
  } catch {
    // An iterator that cannot even be asked to end.
  }
}
