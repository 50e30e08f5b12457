import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { Abortable } from '../lib/ending.ts';
import { type Closable, isAsyncIterable, leaveQuietly } from '../lib/iterables.ts';

export type SubscribeOptions = {
  /** Runs one event on slots of its own. */
  readonly runEvent: <T>(context: RequestContext, run: (slots: RequestContext) => T | Promise<T>) => Promise<T>;
};

/**
 * The engine of subscriptions (GraphQL spec §6.2.3): opens the source stream and executes the selection once per event, each time on
 * slots of its own, so that what joins fetched for one event is never the answer for a later one. An event is executed when the one
 * before has been taken: who reads slowly is waited for. What an event took is charged to the budgets of who asked, and with nothing left
 * of them the stream ends. What fails in an event stands in that event; what ends the stream by force (its source, a limit, the gateway leaving) is its last event; who leaves gets nothing more.
 */
export function createSubscribe({ runEvent }: SubscribeOptions) {
  return async (args: ExecutionArgs): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> => {
    const events = await createSourceEventStream(args);
    if (!isAsyncIterable(events)) return events;
    const context = args.contextValue as RequestContext;
    const { eventBudget, signal } = context;
    const run = (rootValue: unknown): Promise<ExecutionResult> =>
      runEvent(context, async (contextValue) => {
        let data: ExecutionResult['data'];
        try {
          const result = await execute({ ...args, rootValue, contextValue });
          data = result.data;
          return result;
        } finally {
          eventBudget?.charge(contextValue.calls, data ?? null);
        }
      });
    return answerEvents(events, { signal, run, admit: async () => await eventBudget?.ask() });
  };
}

type Running = {
  readonly signal: Abortable;
  /** Asked before each event. @throws what ends the stream */
  readonly admit: () => Promise<void>;
  readonly run: (event: unknown) => Promise<ExecutionResult>;
};

function answerEvents(events: AsyncIterable<unknown>, { signal, admit, run }: Running): Closable<ExecutionResult> {
  const iterator = events[Symbol.asyncIterator]();
  let over = false;
  /** Answers who waits for the next event. */
  let wake: ((step: IteratorResult<ExecutionResult>) => void) | undefined;

  function close(): void {
    over = true;
    signal.removeEventListener('abort', abort);
    leaveQuietly(iterator);
  }
  function abort(): void {
    if (over) return;
    // Nobody waits: the last word is kept for who asks next.
    if (wake !== undefined) wake(last(signal.reason));
  }
  function last(error: unknown): IteratorResult<ExecutionResult> {
    close();
    const left = error instanceof Error && error.name === 'AbortError';
    return left ? { done: true, value: undefined } : { done: false, value: { errors: [asGraphQLError(error)] } };
  }
  async function step(): Promise<IteratorResult<ExecutionResult>> {
    let event: IteratorResult<unknown>;
    try {
      event = await iterator.next();
    } catch (error) {
      return over ? { done: true, value: undefined } : last(signal.aborted ? signal.reason : error);
    }
    if (event.done === true) {
      const cut = signal.aborted && !over;
      if (cut) return last(signal.reason);
      close();
      return { done: true, value: undefined };
    }
    try {
      await admit();
    } catch (error) {
      return over ? { done: true, value: undefined } : last(signal.aborted ? signal.reason : error);
    }
    try {
      return { done: false, value: await run(event.value) };
    } catch (error) {
      return { done: false, value: { errors: [asGraphQLError(error)], data: null } };
    }
  }

  signal.addEventListener('abort', abort, { once: true });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (over) return { done: true, value: undefined };
      if (signal.aborted) return last(signal.reason);
      return await new Promise((resolve, reject) => {
        wake = (answer) => {
          wake = undefined;
          resolve(answer);
        };
        step().then((answer) => wake?.(answer), reject);
      });
    },
    async return() {
      if (!over) close();
      wake?.({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
  };
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const known = error instanceof Error ? error : new GatewayError('INTERNAL', { cause: error });
  return new GraphQLError(known.message, { originalError: known });
}
