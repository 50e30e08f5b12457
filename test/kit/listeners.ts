import { getEventListeners } from 'node:events';
import { type Abortable, Ending } from '../../gateway/lib/ending.ts';

/** How many are to be told of its end. */
export function listenersOf(end: Abortable): number {
  return end instanceof Ending ? end.listeners : getEventListeners(end as AbortSignal, 'abort').length;
}
