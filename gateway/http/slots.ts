/** The slots of an operation, whichever way it comes in. */
import type { GatewayConfig } from '../config/schema.ts';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { atMoment } from '../lib/at-moment.ts';
import type { Abortable } from '../lib/ending.ts';
import { countCalls } from '../observe/calls.ts';
import type { Budget } from './budget.ts';
import { openBudget } from './budget.ts';
import { endWith } from './ending.ts';
import { type Identify, watchProof } from './proof.ts';
import { chooseRequestId } from './request-id.ts';

/**
 * The stage's own: `budget`, `inParts`, `endFiles`, which ends what still comes of the request's files, and `forgetProof`, which stops
 * waiting for the end of the principal's proof.
 */
export type HttpContext = RequestContext & {
  budget?: Budget;
  inParts?: boolean;
  endFiles?: (() => void) | undefined;
  forgetProof?: (() => void) | undefined;
};

export type SlotOptions = {
  readonly deadline: GatewayConfig['deadline'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomId: () => string;
};

/** How an operation came in. */
export type Arrival = {
  readonly headers: ReadonlyMap<string, string>;
  readonly gone: Abortable;
  /** The caller's own id, if it is one of this operation. */
  readonly requestId: string | undefined;
};

/** Opens the slots of one operation and starts its clock. */
export function openSlots(
  context: HttpContext,
  { headers, gone, requestId }: Arrival,
  { deadline, now, randomId }: SlotOptions,
): void {
  const startedAt = now();
  const asked = headers.get('x-request-timeout-ms');
  const { defaultMs, maxMs } = deadline;
  const budget = openBudget({ defaultMs, maxMs, asked, startedAt, gone });
  context.requestId = chooseRequestId(requestId, randomId);
  context.headers = headers;
  context.startedAt = startedAt;
  context.deadline = budget.deadline;
  context.signal = budget.over;
  context.gone = gone;
  context.budget = budget;
  context.operation = undefined;
  context.cached = undefined;
  context.price = undefined;
  context.cost = undefined;
  context.quota = undefined;
  context.eventBudget = undefined;
  context.grants = undefined;
  context.isWatched = false;
  context.calls = [];
  context.pastCalls = 0;
  context.execution = undefined;
  context.asked = undefined;
  context.passedHeads = undefined;
  context.openStreams = undefined;
  context.atEnd = undefined;
}

/** Ends what the operation still holds: timer, listener, and what upstreams still stream. */
export function closeSlots(context: HttpContext): void {
  context.budget?.release();
  for (const end of context.openStreams ?? []) end();
  const { atEnd } = context;
  context.atEnd = undefined;
  for (const act of atEnd ?? []) act();
  context.endFiles?.();
  context.forgetProof?.();
}

/** Lets an operation last: it has `lifetimeMs` from now, or no limit. */
export function liftDeadline(context: HttpContext, lifetimeMs: number | undefined): void {
  context.budget?.extend(lifetimeMs);
  context.deadline = Number.POSITIVE_INFINITY;
}

/** Ends an operation that lasts when its principal's proof does, be it by its time or because it is taken back. */
export function endWithProof(context: HttpContext, { now, identify }: { now: () => number; identify: Identify }): void {
  const end = (error: unknown): void => {
    context.budget?.end(error instanceof GatewayError ? error : new GatewayError('INTERNAL', { cause: error }));
  };
  const { expiresAt } = context.principal;
  const message = 'The proof of identity has expired: subscribe again with a new one.';
  const expire = (): void => end(new GatewayError('UNAUTHENTICATED', { message }));
  const forget = expiresAt === undefined ? undefined : atMoment(expiresAt, now, expire);
  const stop = watchProof({ identify, shown: context, end });
  context.forgetProof = () => {
    forget?.();
    stop();
  };
}

/** Runs one event of a subscription on slots of its own: a fresh budget and an execution of its own; the rest is its subscription's. */
export type RunEvent = <T>(context: RequestContext, run: (slots: RequestContext) => T | Promise<T>) => Promise<T>;

/** @returns a function that throws GatewayError DEADLINE_EXCEEDED when the event outlives its budget */
export function createRunEvent({ deadline, now }: Pick<SlotOptions, 'deadline' | 'now'>): RunEvent {
  return async (context, run) => {
    const asked = context.headers.get('x-request-timeout-ms');
    const startedAt = now();
    const budget = openBudget({ ...deadline, asked, startedAt, gone: context.signal });
    const slots: HttpContext = {
      ...context,
      deadline: budget.deadline,
      signal: budget.over,
      startedAt,
      calls: [],
      execution: undefined,
      asked: undefined,
      passedHeads: undefined,
      openStreams: undefined,
      atEnd: undefined,
      budget,
      // The proof is asked about until the end of the subscription.
      forgetProof: undefined,
    };
    try {
      return await endWith(budget.over, run(slots));
    } finally {
      closeSlots(slots);
      context.pastCalls += countCalls(slots.calls);
    }
  };
}
