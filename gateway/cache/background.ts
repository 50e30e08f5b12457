import type { RequestContext } from '../context.ts';

/** A context of its own for making an answer that nobody waits for, as the same principal with the same headers would get it. */
export type Background = { readonly context: RequestContext; end(): void };

/**
 * @param limitMs longest time it may take
 * @param lifetime aborted when the cache is closed
 * @param now milliseconds since the epoch
 */
export function openBackground(
  context: RequestContext,
  { limitMs, lifetime, now }: { readonly limitMs: number; readonly lifetime: AbortSignal; readonly now: () => number },
): Background {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new DOMException('Nobody waits for it any more.', 'TimeoutError'));
  const timer = setTimeout(stop, limitMs).unref();
  if (lifetime.aborted) stop();
  else lifetime.addEventListener('abort', stop, { once: true });
  const startedAt = now();
  const own: RequestContext = Object.assign(Object.create(context) as RequestContext, {
    startedAt,
    deadline: startedAt + limitMs,
    signal: controller.signal,
    over: controller.signal,
    gone: controller.signal,
    cached: undefined,
    calls: [],
    execution: undefined,
    asked: undefined,
    passedHeads: undefined,
    openStreams: undefined,
    atEnd: undefined,
  });
  return {
    context: own,
    end() {
      clearTimeout(timer);
      lifetime.removeEventListener('abort', stop);
      for (const close of [...(own.openStreams ?? []), ...(own.atEnd ?? [])]) close();
    },
  };
}
