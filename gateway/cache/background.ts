import type { RequestContext } from '../context.ts';
import { type Abortable, Ending } from '../lib/ending.ts';

/** A context of its own for making an answer that nobody waits for, as the same principal with the same headers would get it. */
export type Background = { readonly context: RequestContext; end(): void };

/**
 * @param limitMs longest time it may take
 * @param lifetime aborted when the cache is closed
 * @param now milliseconds since the epoch
 */
export function openBackground(
  context: RequestContext,
  { limitMs, lifetime, now }: { readonly limitMs: number; readonly lifetime: Abortable; readonly now: () => number },
): Background {
  const over = new Ending();
  const stop = (): void => over.abort(new DOMException('Nobody waits for it any more.', 'TimeoutError'));
  const timer = setTimeout(stop, limitMs).unref();
  if (lifetime.aborted) stop();
  else lifetime.addEventListener('abort', stop, { once: true });
  const startedAt = now();
  const own: RequestContext = {
    ...context,
    startedAt,
    deadline: startedAt + limitMs,
    signal: over,
    gone: over,
    cached: undefined,
    calls: [],
    execution: undefined,
    asked: undefined,
    passedHeads: undefined,
    openStreams: undefined,
    atEnd: undefined,
  };
  return {
    context: own,
    end() {
      clearTimeout(timer);
      lifetime.removeEventListener('abort', stop);
      for (const close of [...(own.openStreams ?? []), ...(own.atEnd ?? [])]) close();
    },
  };
}
