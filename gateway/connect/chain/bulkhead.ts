import type { ConcurrencyPolicy } from '../../config/rules.ts';
import { GatewayError } from '../../errors.ts';
import type { Abortable } from '../../lib/ending.ts';
import type { CallRule, OpenStream } from '../connector.ts';
import { abortFault } from './abort.ts';

export type BulkheadOptions = ConcurrencyPolicy & { source: string };

/** What becomes of a call that comes: it starts, waits for its turn, or is refused. */
export function placeOf(
  { running, waiting }: { running: number; waiting: number },
  { maxCalls, maxQueue }: Pick<ConcurrencyPolicy, 'maxCalls' | 'maxQueue'>,
): 'start' | 'wait' | 'refuse' {
  if (running < maxCalls && waiting === 0) return 'start';
  return waiting < maxQueue ? 'wait' : 'refuse';
}

/** The places of a source. */
export type Bulkhead = {
  /** Takes a place, in turn. @returns what gives it back; call it once */
  enter(signal: Abortable): Promise<() => void>;
};

/**
 * Protects a source from too many calls at a time, and the gateway from waiting for a slow source with all it has (the bulkhead of
 * Nygard, "Release It!"). What cannot start waits in order of arrival, for a bounded time; who leaves, leaves the queue.
 *
 * Fails with SOURCE_UNAVAILABLE when the queue is full or the wait was in vain.
 */
export function createBulkhead({ source, maxCalls, maxQueue, maxQueueMs }: BulkheadOptions): Bulkhead {
  let running = 0;
  /** In order of arrival; a set, so that leaving costs nothing. */
  const queue = new Set<() => void>();

  function turn(signal: Abortable): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (fault: GatewayError): void => {
        clear();
        reject(fault);
      };
      const begin = (): void => {
        clear();
        resolve();
      };
      const gone = (): void => leave(abortFault(signal, source));
      const timer = setTimeout(() => leave(full(source, `no turn within ${maxQueueMs} ms`)), maxQueueMs);
      const clear = (): void => {
        clearTimeout(timer);
        queue.delete(begin);
        signal.removeEventListener('abort', gone);
      };
      queue.add(begin);
      signal.addEventListener('abort', gone, { once: true });
    });
  }

  /** The place goes to who waits longest; only when nobody does it is free. */
  function free(): void {
    const [first] = queue;
    if (first) first();
    else running -= 1;
  }

  return {
    async enter(signal) {
      if (signal.aborted) throw abortFault(signal, source);
      switch (placeOf({ running, waiting: queue.size }, { maxCalls, maxQueue })) {
        case 'refuse':
          throw full(source, `${running} calls under way, ${queue.size} waiting`);
        case 'wait':
          await turn(signal);
          break;
        case 'start':
          running += 1;
      }
      return free;
    },
  };
}

/** Each call takes a place until it ends. */
export function createBulkheadRule(bulkhead: Bulkhead): CallRule {
  return (next) => async (call) => {
    const leave = await bulkhead.enter(call.signal);
    try {
      return await next(call);
    } finally {
      leave();
    }
  };
}

/** A stream takes a place from when it is first read until it ends, or nobody reads it any more. */
export function holdPlaces(bulkhead: Bulkhead, open: OpenStream): OpenStream {
  return async function* read(call) {
    const leave = await bulkhead.enter(call.signal);
    try {
      yield* open(call);
    } finally {
      leave();
    }
  };
}

function full(source: string, cause: string): GatewayError {
  const message = 'The source has as many calls as it may have at a time: try again later.';
  return new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause });
}
