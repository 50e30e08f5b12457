/** Operations under way that others may join. */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { RequestContext } from '../context.ts';
import { GatewayError, rootError } from '../errors.ts';
import { extendAnswer } from '../execute/compiled/answer.ts';

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
  readonly controller: AbortController;
  readonly startDeadline: number;
  readonly result: Promise<ExecutionResult>;
  waiters: number;
};

/** @param max most flights under way: what comes beyond runs by itself; @param onJoined told of each operation that joins one */
export function createFlights({ max, onJoined }: { max: number; onJoined: () => void }): Flights {
  const open = new Map<string, Flight>();

  function start(key: string, context: RequestContext, run: Run): Flight {
    const controller = new AbortController();
    const { signal } = controller;
    // Calls are the first one's, who is told of them as they end.
    const slots = { signal, gone: signal, execution: undefined, openStreams: undefined, atEnd: undefined };
    const own: RequestContext = Object.assign(Object.create(context) as RequestContext, slots, {
      deadline: context.deadline,
    });
    const over = (): void => {
      if (open.get(key) === flight) open.delete(key);
      for (const end of [...(own.openStreams ?? []), ...(own.atEnd ?? [])]) end();
    };
    const result = Promise.resolve(run(own)).finally(over);
    const flight: Flight = { own, controller, startDeadline: context.deadline, result, waiters: 0 };
    open.set(key, flight);
    return flight;
  }

  async function take(flight: Flight, context: RequestContext): Promise<ExecutionResult> {
    flight.waiters += 1;
    flight.own.deadline = Math.max(flight.own.deadline, context.deadline);
    const leave = (): void => {
      flight.waiters -= 1;
      if (flight.waiters === 0) flight.controller.abort(context.signal.reason);
    };
    if (context.signal.aborted) leave();
    else context.signal.addEventListener('abort', leave, { once: true });
    try {
      return await flight.result;
    } finally {
      context.signal.removeEventListener('abort', leave);
      const { execution, asked, passedHeads } = flight.own;
      Object.assign(context, { execution, asked, passedHeads });
    }
  }

  return {
    async share(key, context, run) {
      const joined = open.get(key);
      if (!joined) {
        if (open.size >= max) return await run(context);
        return await take(start(key, context, run), context);
      }
      onJoined();
      const result = await take(joined, context);
      // Who has more time than the run was begun with does not take its time-out.
      if (context.deadline > joined.startDeadline && result.errors?.some(isLate)) return await run(context);
      return extendAnswer(result, {});
    },
    part: () => open.clear(),
  };
}

function isLate(error: GraphQLError): boolean {
  const known = rootError(error);
  return known instanceof GatewayError && known.code === 'DEADLINE_EXCEEDED';
}
