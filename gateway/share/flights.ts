/** Operations under way that others may join. */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { RequestContext } from '../context.ts';
import { GatewayError, rootError } from '../errors.ts';
import { extendAnswer } from '../execute/compiled/answer.ts';
import { Ending } from '../lib/ending.ts';

export type Run = (context: RequestContext) => ExecutionResult | Promise<ExecutionResult>;

export type Flights = {
  /**
   * Runs an operation, or waits for an equal one that is under way. The run goes on as long as somebody waits for it, and has the
   * time of whoever has most; each waiter's own time is its transport's to watch.
   *
   * @param key equal for operations that must get the same answer
   */
  share(key: string, context: RequestContext, run: Run): Promise<ExecutionResult>;
  /** Lets nobody join what is under way: what it reads may be old by now. */
  part(): void;
};

type Flight = {
  /** The slots it runs on. */
  readonly own: RequestContext;
  readonly ending: Ending;
  readonly startDeadline: number;
  readonly result: Promise<ExecutionResult>;
  waiters: number;
};

/** @param max most flights under way: what comes beyond runs by itself; @param onJoined told of each operation that joins one */
export function createFlights({ max, onJoined }: { max: number; onJoined: () => void }): Flights {
  const open = new Map<string, Flight>();

  function start(key: string, context: RequestContext, run: Run): Flight {
    const ending = new Ending();
    // A copy: an object that others inherit from is slow to read from then on. Calls are the first one's, who is told of them as they end.
    const own: RequestContext = {
      ...context,
      signal: ending,
      gone: ending,
      execution: undefined,
      openStreams: undefined,
      atEnd: undefined,
    };
    const over = (): void => {
      if (open.get(key) === flight) open.delete(key);
      for (const end of [...(own.openStreams ?? []), ...(own.atEnd ?? [])]) end();
    };
    const result = begin(run, own);
    // Nobody joins any more when those who waited hear of it.
    result.then(over, over);
    const flight: Flight = { own, ending, startDeadline: context.deadline, result, waiters: 0 };
    open.set(key, flight);
    return flight;
  }

  /** @param give what the one who waits gets of the result */
  function take<T>(flight: Flight, context: RequestContext, give: (result: ExecutionResult) => T): Promise<Awaited<T>> {
    const { own, ending, result } = flight;
    const { signal } = context;
    flight.waiters += 1;
    own.deadline = Math.max(own.deadline, context.deadline);
    const leave = (): void => {
      flight.waiters -= 1;
      if (flight.waiters === 0) ending.abort(signal.reason);
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    const end = (): void => {
      signal.removeEventListener('abort', leave);
      context.execution = own.execution;
      context.asked = own.asked;
      context.passedHeads = own.passedHeads;
    };
    // One promise for each who waits, and no more: there may be many.
    return result.then(
      (value) => {
        end();
        return give(value);
      },
      (error: unknown) => {
        end();
        throw error;
      },
    ) as Promise<Awaited<T>>;
  }

  return {
    share(key, context, run) {
      const joined = open.get(key);
      if (!joined) return open.size >= max ? begin(run, context) : take(start(key, context, run), context, itself);
      onJoined();
      return take(joined, context, (result) =>
        // Who has more time than the run was begun with does not take its time-out.
        context.deadline > joined.startDeadline && result.errors?.some(isLate)
          ? run(context)
          : extendAnswer(result, {}),
      );
    },
    part: () => open.clear(),
  };
}

/** What is thrown at once is a failed run too. */
function begin(run: Run, context: RequestContext): Promise<ExecutionResult> {
  return new Promise((resolve) => resolve(run(context)));
}

function itself(result: ExecutionResult): ExecutionResult {
  return result;
}

function isLate(error: GraphQLError): boolean {
  const known = rootError(error);
  return known instanceof GatewayError && known.code === 'DEADLINE_EXCEEDED';
}
