import { abortFault } from '../connect/chain/abort.ts';
import type { TraceOptions } from '../connect/chain/trace.ts';
import type { Call, Connector } from '../connect/connector.ts';
import type { CallNotes, CallRecord, RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { type Closable, leaveQuietly } from '../lib/iterables.ts';
import type { Ask } from './ask.ts';
import type { Wanted } from './perform.ts';

/** What policy says about the streams of a root field. */
export type StreamRule = {
  /** Most items of a list that an upstream streams. */
  readonly maxItems: number;
  /** Longest time of such a list, in ms; without it only the request's budget counts. */
  readonly deadlineMs: number | undefined;
};

/** Most items of a streamed list where its policy does not say otherwise. */
export const DEFAULT_MAX_ITEMS = 1000;

/**
 * Opens the upstream's stream for a field. A list has the time of a call and a limit of items; events may come as long as
 * their subscription lasts. The upstream's side ends when the reader leaves or the operation ends.
 *
 * @throws GatewayError SOURCE_UNAVAILABLE at once; while it is read, what the connector throws, DEADLINE_EXCEEDED or
 *   UPSTREAM_TIMEOUT when a list's time is up, UPSTREAM_BAD_PAYLOAD when it is too long
 */
export type OpenUpstream = (context: RequestContext, wanted: Wanted, kind: 'list' | 'events') => Closable<unknown>;

export type StreamOptions = {
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Told of each stream before it is opened, and may refuse it. */
  readonly ask: Ask;
  readonly ruleOf: (source: string, operation: string) => StreamRule;
  /** Told of every stream that has ended, as of a finished call. */
  readonly onCall: TraceOptions['record'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

export function createOpenUpstream({ connectors, ask, ruleOf, onCall, now }: StreamOptions): OpenUpstream {
  return (context, wanted, kind) => {
    const { source, operation } = wanted;
    const connector = connectors.get(source);
    if (connector?.stream === undefined) throw new GatewayError('SOURCE_UNAVAILABLE', { source });
    ask(context, wanted);
    const { maxItems, deadlineMs } = ruleOf(source, operation);
    const startedAt = now();
    const own = kind === 'list' && deadlineMs !== undefined ? startedAt + deadlineMs : Number.POSITIVE_INFINITY;
    const deadline = kind === 'list' ? Math.min(own, context.deadline) : Number.POSITIVE_INFINITY;
    const { headers, requestId } = context;
    const controller = new AbortController();
    const isSourceTime = own < context.deadline;
    const notes: CallNotes = {};
    const call: Call = { ...wanted, deadline, isSourceTime, signal: controller.signal, headers, requestId, notes };
    context.openStreams ??= new Set();
    const streams = context.openStreams;
    let items = 0;
    let over = false;
    let timer: NodeJS.Timeout | undefined;

    const abort = (): void => controller.abort(context.signal.reason);
    const leave = (): void => finish(undefined);
    function finish(fault: unknown): void {
      if (over) return;
      over = true;
      clearTimeout(timer);
      context.signal.removeEventListener('abort', abort);
      streams.delete(leave);
      const outcome = fault === undefined ? 'ok' : fault instanceof GatewayError ? fault.code : 'INTERNAL';
      const { warning: _forTheLog, ...noted } = notes;
      const ms = now() - startedAt;
      const record: CallRecord = { source, operation, keys: 0, ms, bytes: 0, outcome, group: wanted.group, ...noted };
      context.calls.push(record);
      onCall(record, call, fault);
      controller.abort(new DOMException('Nobody reads any more.', 'AbortError'));
      // One that waits to be asked for more does not hear of it.
      leaveQuietly(messages);
    }
    function fail(fault: unknown): never {
      finish(fault);
      throw fault;
    }

    if (context.signal.aborted) throw abortFault(context.signal, source);
    const messages = connector.stream(call)[Symbol.asyncIterator]();
    context.signal.addEventListener('abort', abort, { once: true });
    streams.add(leave);
    if (isSourceTime) {
      const late = (): void => controller.abort(new GatewayError('UPSTREAM_TIMEOUT', { source }));
      timer = setTimeout(late, deadlineMs);
    }
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        if (over) return { done: true, value: undefined };
        let message: IteratorResult<unknown>;
        try {
          message = await messages.next();
        } catch (error) {
          // What the upstream said when it was given up is not why it ended.
          return over
            ? { done: true, value: undefined }
            : fail(controller.signal.aborted ? abortFault(controller.signal, source) : error);
        }
        if (over) return { done: true, value: undefined };
        if (message.done === true) {
          if (controller.signal.aborted) fail(abortFault(controller.signal, source));
          finish(undefined);
          return { done: true, value: undefined };
        }
        items += 1;
        if (kind === 'list' && items > maxItems) fail(tooMany(source, maxItems));
        return { done: false, value: message.value };
      },
      async return() {
        leave();
        return { done: true, value: undefined };
      },
    };
  };
}

function tooMany(source: string, maxItems: number): GatewayError {
  const message = `The source sent more than ${maxItems} items: ask for fewer, or raise maxItems in its policy.`;
  return new GatewayError('UPSTREAM_BAD_PAYLOAD', { source, message });
}
