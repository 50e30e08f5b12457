import { Ending } from '../../lib/ending.ts';
import { leaveQuietly } from '../../lib/iterables.ts';
import type { Call, Caller, CallRule, OpenStream } from '../connector.ts';
import { abortFault } from './abort.ts';
import { composeRules } from './compose.ts';

export type OpeningOptions = {
  source: string;
  /** Rules around the opening of a stream, outermost first. */
  rules: readonly CallRule[];
  /**
   * Whether a stream of which nothing was heard when nearly all its time for opening is up counts as open: a gRPC server need not
   * answer before its first message.
   */
  isOpenWhenSilent: boolean;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** A stream that is open, and what it gives first. */
type Opened = { messages: AsyncIterator<unknown>; first: Promise<IteratorResult<unknown>> };

const OVER: IteratorResult<unknown> = Object.freeze({ done: true, value: undefined });

/**
 * Puts rules about calls around the opening of streams. For them it is a call that succeeds as soon as the stream is open: when the
 * upstream has accepted it, or has sent its first message or its end. What a stream fails with before that may open a breaker, and have
 * it opened again; once it is open nothing is sent again, since what was missed in between would be missing for good.
 *
 * Nothing is opened before it is read. The stream fails with what the rules fail with, else as its transport has it.
 */
export function createOpening(options: OpeningOptions, open: OpenStream): OpenStream {
  return (call) => ({ [Symbol.asyncIterator]: () => read(options, open, call) });
}

function read({ source, rules, isOpenWhenSilent, now }: OpeningOptions, open: OpenStream, call: Call) {
  // Rules let go of a call that has succeeded: the stream itself lives as long as this.
  const life = new Ending();
  const leave = (): void => life.abort(call.signal.reason);
  let opened: Promise<Opened> | undefined;
  let over = false;

  const once: Caller = (asked) =>
    new Promise((resolve, reject) => {
      const { signal, tried } = asked;
      if (signal.aborted) return reject(abortFault(signal, source));
      const attempt = new Ending();
      const clear = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cut);
      };
      const stop = (reason: unknown): void => {
        clear();
        attempt.abort(reason);
        reject(abortFault(attempt, source));
        leaveQuietly(messages);
      };
      const cut = (): void => stop(signal.reason);
      const end = (): void => stop(life.reason);
      const accept = (): void => {
        clear();
        resolve({ data: { messages, first } satisfies Opened, status: 0, bytes: 0 });
      };
      const timer = isOpenWhenSilent ? setTimeout(accept, silentMs(asked.deadline - now())) : undefined;
      signal.addEventListener('abort', cut, { once: true });
      life.addEventListener('abort', end);
      const opened = (): void => queueMicrotask(accept);
      const wire: Call = { ...call, signal: attempt, opened, ...(tried && { tried }) };
      const messages = open(wire)[Symbol.asyncIterator]();
      const first = messages.next();
      first.then(accept, (error: unknown) => {
        clear();
        life.removeEventListener('abort', end);
        reject(error);
      });
    });

  function finish(): IteratorResult<unknown> {
    if (opened && !over) call.signal.removeEventListener('abort', leave);
    over = true;
    return OVER;
  }

  function begin(): Promise<Opened> {
    call.signal.addEventListener('abort', leave, { once: true });
    return composeRules(rules, once)({ ...call, signal: life }).then(({ data }) => data as Opened);
  }

  return {
    async next(): Promise<IteratorResult<unknown>> {
      if (over || (!opened && call.signal.aborted)) return finish();
      const isFirst = opened === undefined;
      opened ??= begin();
      try {
        const { messages, first } = await opened;
        const step = await (isFirst ? first : messages.next());
        return step.done === true ? finish() : step;
      } catch (error) {
        finish();
        // A stream that nobody waits for any more ends.
        if (life.aborted) return OVER;
        throw error;
      }
    },
    async return(): Promise<IteratorResult<unknown>> {
      finish();
      life.abort(new DOMException('Nobody reads any more.', 'AbortError'));
      // While it is being opened its signal is all that there is to end it by.
      return OVER;
    },
  };
}

/** A little is kept back of what is left, so that silence comes before the end of the time. */
function silentMs(leftMs: number): number {
  return Math.floor(Math.max(0, leftMs - Math.min(50, leftMs / 10)));
}
