import type { OutlierPolicy } from '../../config/rules.ts';
import { GatewayError } from '../../errors.ts';
import type { Call, CallResult, Connector } from '../connector.ts';
import { afterCall, type EndpointState, mayEjectOne, NEW_ENDPOINT, pick } from './outlier.ts';
import { verdictOf } from './verdict.ts';

export type BalanceOptions = {
  /** One per endpoint, all of one source and kind; at least two. */
  connectors: readonly [Connector, Connector, ...Connector[]];
  policy: OutlierPolicy;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
};

export type Balancer = Connector & {
  /** What an active health check found out about an endpoint. */
  report(endpoint: number, healthy: boolean): void;
  endpoints(): readonly EndpointState[];
};

/**
 * Spreads the calls of a source over its endpoints, by load, and leaves out for a while who fails several times in a row. A call
 * that is sent again goes to another endpoint where there is one.
 */
export function createBalancer({ connectors, policy, now, random }: BalanceOptions): Balancer {
  const states: EndpointState[] = connectors.map(() => NEW_ENDPOINT);
  const [first] = connectors;

  function choose({ tried = new Set() }: Pick<Call, 'tried'>): {
    connector: Connector;
    end: (error?: unknown) => void;
  } {
    const index = pick(states, tried, now(), random);
    tried.add(index);
    const state = states[index] ?? NEW_ENDPOINT;
    states[index] = { ...state, inFlight: state.inFlight + 1 };
    return {
      connector: connectors[index] ?? first,
      end: (error) => {
        const at = now();
        const mayEject = mayEjectOne(states, at);
        states[index] = afterCall(states[index] ?? NEW_ENDPOINT, verdictOf(error), { now: at, mayEject, policy });
      },
    };
  }

  async function call(called: Call): Promise<CallResult> {
    const { connector, end } = choose(called);
    try {
      const result = await connector.call(called);
      end();
      return result;
    } catch (error) {
      end(error);
      throw error;
    }
  }

  function stream(called: Call): AsyncIterable<unknown> {
    return { [Symbol.asyncIterator]: () => read(called) };
  }

  /** A stream is a call that is under way until it ends, fails, or nobody reads any more. */
  function read(called: Call): AsyncIterator<unknown> {
    const { connector, end } = choose(called);
    const messages = (connector.stream?.(called) ?? nothing())[Symbol.asyncIterator]();
    let over = false;
    let isHeard = false;
    const finish = (error?: unknown): void => {
      if (over) return;
      over = true;
      called.signal.removeEventListener('abort', leave);
      end(error);
    };
    // Who is given up because time was up has failed; who is left has shown nothing, unless something came.
    const leave = (): void => {
      const { reason } = called.signal;
      finish(isHeard && !(reason instanceof GatewayError) ? undefined : reason);
    };
    if (called.signal.aborted) leave();
    else called.signal.addEventListener('abort', leave, { once: true });
    return {
      next: async () => {
        try {
          const step = await messages.next();
          isHeard = true;
          if (step.done === true) finish();
          return step;
        } catch (error) {
          finish(error);
          throw error;
        }
      },
      return: async () => {
        finish();
        return (await messages.return?.()) ?? { done: true, value: undefined };
      },
    };
  }

  return {
    source: first.source,
    kind: first.kind,
    call,
    ...(first.keyOf && { keyOf: first.keyOf }),
    ...(first.stream && { stream }),
    report: (endpoint, healthy) => {
      const state = states[endpoint];
      if (state) states[endpoint] = { ...state, healthy };
    },
    endpoints: () => states,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(connectors.map((connector) => connector[Symbol.asyncDispose]()));
    },
  };
}

async function* nothing(): AsyncGenerator<never> {
  yield* [];
}
