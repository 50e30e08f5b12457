/** What stands for an AbortController says what one would say. */
import { describe, expect, it } from 'vitest';
import { type Abortable, Ending } from '../../../gateway/lib/ending.ts';

const reason = new Error('gone');

/** What is seen of an end by who listens before and after it. */
function seenOf(end: Abortable, abort: (reason: Error) => void): unknown[] {
  const seen: unknown[] = [];
  const forgotten = (): void => void seen.push('forgotten');
  const neighbour = (): void => void seen.push('neighbour');
  end.addEventListener('abort', forgotten, { once: true });
  end.addEventListener(
    'abort',
    () => {
      seen.push(end.aborted, end.reason);
      end.removeEventListener('abort', neighbour);
    },
    { once: true },
  );
  end.addEventListener('abort', neighbour, { once: true });
  end.removeEventListener('abort', forgotten);
  end.removeEventListener('abort', forgotten);
  seen.push(end.aborted, end.reason);
  abort(reason);
  abort(new Error('another'));
  end.addEventListener('abort', forgotten, { once: true });
  seen.push(end.aborted, end.reason);
  return seen;
}

describe('an ending', () => {
  it('tells each who listens once, as a signal does', () => {
    const controller = new AbortController();
    const ending = new Ending();
    const seen = seenOf(ending, (why) => ending.abort(why));
    expect(seen).toEqual(seenOf(controller.signal, (why) => controller.abort(why)));
    expect(seen).toContain(reason);
    expect(ending.listeners).toBe(0);
  });

  it('has a signal that says the same, whenever it is asked for', () => {
    const [early, late] = [new Ending(), new Ending()];
    const { signal } = early;
    const seen = seenOf(signal, (why) => early.abort(why));
    late.abort(reason);
    expect(seen).toEqual([false, undefined, true, reason, true, reason]);
    expect(late.signal.aborted && late.signal.reason).toBe(reason);
    expect([early.signal, late.signal]).toEqual([signal, late.signal]);
  });
});
