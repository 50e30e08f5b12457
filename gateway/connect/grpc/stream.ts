import { GatewayError } from '../../errors.ts';
import type { Access } from '../auth/access.ts';
import { abortFault } from '../chain/abort.ts';
import { bytesIn, refuseAbove } from '../chain/request-size.ts';
import type { Call, ConnectorOptions } from '../connector.ts';
import type { HeaderBuilder } from '../headers.ts';
import { type GrpcTarget, payloadFault, statusFault } from './outcome.ts';
import type { PreparedMethod } from './prepare.ts';
import type { ReadDetails } from './status-details.ts';
import type { GrpcExchange, GrpcTransport } from './transport.ts';

export type StreamOptions = Pick<ConnectorOptions, 'source' | 'policy' | 'maxRequestBytes' | 'now'> & {
  transport: GrpcTransport;
  headersOf: HeaderBuilder;
  access: Access;
  prepared: (call: Call) => PreparedMethod;
  detailsOf: ReadDetails | undefined;
};

/** `setTimeout` takes no more (2³¹ − 1 ms). */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Makes `Connector.stream` for methods that answer with a stream. Only as much is read as is asked for. It ends when the upstream
 * ends it or `call.signal` is aborted, and fails with a GatewayError; who stops reading cancels the call at once, also while a
 * message is waited for.
 *
 * A finite `call.deadline` bounds the whole stream, and so does the policy's `deadlineMs` then; without one it lasts as long as
 * both sides wish.
 */
export function createStream(options: StreamOptions): (call: Call) => AsyncIterable<unknown> {
  return (call) => ({
    [Symbol.asyncIterator]: () => {
      const stopper = new AbortController();
      const messages = readMessages(options, call, stopper);
      return {
        next: () => messages.next(),
        return: () => {
          // A generator alone would finish waiting for the next message first.
          stopper.abort();
          return messages.return(undefined);
        },
      };
    },
  });
}

async function* readMessages(
  options: StreamOptions,
  call: Call,
  stopper: AbortController,
): AsyncGenerator<unknown, undefined> {
  const { source, policy, now, transport, headersOf, access, prepared, detailsOf } = options;
  const operation = prepared(call);
  const { path } = operation;
  const target: GrpcTarget = { source, target: transport.target, path };
  const messages = operation.encode(call.args, call.mask);
  refuseAbove(options, call, bytesIn(messages));
  if (call.signal.aborted || stopper.signal.aborted) return;
  const { deadline, fault } = deadlineOf(call, source, policy.deadlineMs, now());
  const remainingMs = Math.max(0, deadline - now());
  const stop = (): void => stopper.abort();
  const timer = fault && setTimeout(() => stopper.abort(fault), Math.min(Math.ceil(remainingMs), LONGEST_TIMER_MS));
  call.signal.addEventListener('abort', stop, { once: true });
  let exchange: GrpcExchange | undefined;
  try {
    const { headers, refused } = await access.open({ ...call, signal: stopper.signal }, headersOf(call));
    const onHead = (): void => call.opened?.();
    exchange = transport.exchange({ path, messages, headers, remainingMs, onHead }, stopper.signal);
    for (;;) {
      const step = await exchange.next();
      if (!step.done) yield decoded(operation, step.value, target);
      else if (step.value) {
        if (step.value.name === 'UNAUTHENTICATED') refused();
        throw statusFault(step.value, target, detailsOf?.(step.value, headers));
      } else return;
    }
  } catch (cause) {
    if (!stopper.signal.aborted) throw cause;
    if (stopper.signal.reason instanceof GatewayError) throw abortFault(stopper.signal, source);
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener('abort', stop);
    await exchange?.return(undefined);
  }
}

function decoded(operation: PreparedMethod, message: Buffer, target: GrpcTarget): unknown {
  try {
    return operation.decode(message);
  } catch (cause) {
    throw payloadFault(cause, target);
  }
}

/** When a stream has to end, and the error it ends with; Infinity and none where its call has no deadline. */
function deadlineOf(
  call: Call,
  source: string,
  deadlineMs: number | undefined,
  start: number,
): { deadline: number; fault?: GatewayError } {
  if (!Number.isFinite(call.deadline)) return { deadline: Number.POSITIVE_INFINITY };
  const own = deadlineMs === undefined ? Number.POSITIVE_INFINITY : start + deadlineMs;
  const fault = new GatewayError(own < call.deadline ? 'UPSTREAM_TIMEOUT' : 'DEADLINE_EXCEEDED', { source });
  return { deadline: Math.min(own, call.deadline), fault };
}
