/** Requests that carry a list of operations: all share the connection's slots, each has slots of its own. */
import { setMaxListeners } from 'node:events';
import type { GatewayConfig } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { type HttpContext, openSlots, type SlotOptions } from './slots.ts';

/** How many beside the operations listen to the signal of a request. */
const LISTENERS = 20;

/** Opens the slots of the next operation of a list. Its id is that of the request, with its position. */
export function openItem(item: HttpContext, options: SlotOptions): void {
  const { batch, requestId, headers, gone } = item;
  if (batch === undefined) return;
  // Each of them listens for its client to leave: so many are no leak.
  if (gone instanceof EventTarget) setMaxListeners(batch.length + LISTENERS, gone);
  openSlots(item, { headers, gone, requestId: `${requestId}.${batch.length}` }, options);
  batch.push(item);
}

/**
 * @param count how many operations a list has
 * @throws GatewayError BAD_REQUEST when lists are not served, or not of that length
 */
export function assertBatch(count: number, { max }: GatewayConfig['batching']): void {
  if (max > 0 && count > 0 && count <= max) return;
  const message =
    max === 0
      ? 'Lists of operations are not served: send one per request.'
      : `A list has to hold 1 to ${max} operations: send several requests.`;
  throw new GatewayError('BAD_REQUEST', { message });
}

/** @throws GatewayError BAD_REQUEST for an operation whose answer comes in parts, and so cannot stand in a list */
export function refuseStream(): never {
  throw new GatewayError('BAD_REQUEST', {
    message: 'A subscription cannot stand in a list of operations: send it alone.',
  });
}
