/** The slots of a plain request, all there from the beginning: an object that gets some forty one by one is copied again and again. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpContext } from '../slots.ts';

/** What the hooks of Yoga's requests find beside the slots. */
type Found = Record<'req' | 'res' | 'request' | 'params', unknown>;
type Slots = Record<keyof HttpContext, unknown> & Found;

export class PlainSlots implements Slots {
  req: IncomingMessage;
  res: ServerResponse;
  request: unknown = undefined;
  params: unknown = undefined;
  batch: undefined = undefined;
  byOperator: undefined = undefined;
  path: unknown = undefined;
  peer: unknown = undefined;
  principal: unknown = undefined;
  requestId: unknown = undefined;
  headers: unknown = undefined;
  startedAt: unknown = undefined;
  deadline: unknown = undefined;
  signal: unknown = undefined;
  gone: unknown = undefined;
  budget: unknown = undefined;
  inParts: unknown = undefined;
  endFiles: unknown = undefined;
  forgetProof: unknown = undefined;
  operation: unknown = undefined;
  cached: unknown = undefined;
  price: unknown = undefined;
  cost: unknown = undefined;
  quota: unknown = undefined;
  eventBudget: unknown = undefined;
  grants: unknown = undefined;
  isWatched: unknown = undefined;
  calls: unknown = undefined;
  pastCalls: unknown = undefined;
  execution: unknown = undefined;
  asked: unknown = undefined;
  passedHeads: unknown = undefined;
  openStreams: unknown = undefined;
  atEnd: unknown = undefined;

  constructor(req: IncomingMessage, res: ServerResponse) {
    this.req = req;
    this.res = res;
  }
}
