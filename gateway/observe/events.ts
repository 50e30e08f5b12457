/** Everything the gateway reports, one function per event, so that a log line and its metric cannot drift apart. */

import type { CachedAnswer, CallNotes } from '../context.ts';
import type { ErrorCode, LogLevel } from '../errors.ts';
import { errorTable, GatewayError } from '../errors.ts';
import { createCacheEvents } from './cache-events.ts';
import { isSaved } from './calls.ts';
import { createLimitEvents } from './limit-events.ts';
import type { Log } from './log.ts';
import type { Metrics, OperationKind, Outcome } from './metrics.ts';
import { createSourceEvents } from './source-events.ts';

export type OperationFinished = {
  readonly requestId: string;
  /** As the client wrote it; cut to 200 characters. Absent for anonymous operations. */
  readonly operationName?: string | undefined;
  readonly kind: OperationKind;
  readonly ms: number;
  /** Number of upstream calls. */
  readonly calls: number;
  /** Codes of all errors in the answer with their source, in order; empty when all went well. */
  readonly errors: readonly { readonly code: ErrorCode; readonly source?: string | undefined }[];
  readonly generation?: string | undefined;
  /** How many parts an answer that came in parts had; `errors` then holds each kind once, since parts count their own. */
  readonly payloads?: number | undefined;
  /** What the cache of whole answers did. */
  readonly cache?: CachedAnswer['outcome'] | undefined;
};

export type CallFinished = {
  readonly requestId?: string | undefined;
  readonly source: string;
  /** Name of the operation in the contract. */
  readonly operation: string;
  readonly ms: number;
  /** Bytes of the answer's body. */
  readonly bytes: number;
  readonly outcome: Outcome;
  /** How often it was sent, where it may be repeated. */
  readonly attempts?: number | undefined;
  /** What the call cache did. */
  readonly cache?: CallNotes['cache'] | undefined;
  /** Whether it shared an equal call that was under way. */
  readonly coalesced?: boolean | undefined;
  /** Rows of its answer that nobody asked for. */
  readonly unrequested?: number | undefined;
  /** Errors that a GraphQL source told beside its data without a place in it. */
  readonly unplacedErrors?: number | undefined;
  /** For the log only: what the upstream said or the transport threw. */
  readonly cause?: unknown;
};

export type Listening = {
  readonly graphql: string;
  readonly admin?: string | undefined;
  readonly startMs?: number | undefined;
  /** Id of the process, since another may take over later, and its number where several serve side by side. */
  readonly pid?: number | undefined;
  readonly worker?: number | undefined;
};

export type Events = ReturnType<typeof createEvents>;

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export function createEvents({ log, metrics }: { readonly log: Log; readonly metrics: Metrics }) {
  // For the line of every operation: it holds values of the gateway's own making and a name, nothing that could be a credential, and
  // looking for some would cost more than the rest of the line.
  const plain = log.child({}, { redact: [] });

  function countErrors(errors: OperationFinished['errors']): void {
    for (const { code, source } of errors) metrics.errors.inc({ code, source: source ?? '' });
  }

  return {
    ...createSourceEvents({ log, metrics }),
    ...createCacheEvents({ log, metrics }),
    ...createLimitEvents({ log, metrics }),

    started(event: Listening): void {
      log.info(event, 'gateway started');
    },

    /** SIGTERM or the like: no new requests, those in flight get `limitMs`. */
    draining(event: { readonly reason: string; readonly inFlight: number; readonly limitMs: number }): void {
      log.info(event, 'draining');
    },

    stopped(event: { readonly reason: string; readonly abandoned: number; readonly ms: number }): void {
      log[event.abandoned > 0 ? 'warn' : 'info'](event, 'gateway stopped');
    },

    operationStarted(): void {
      metrics.operationsInFlight.inc();
    },

    /** A request over HTTP reached a generation, by the short way in or the general one. */
    requestEntered(event: { readonly entry: 'short' | 'long' }): void {
      metrics.entries.inc({ entry: event.entry });
    },

    /** An operation waited for an equal one that was under way. */
    operationShared(): void {
      metrics.sharedOperations.inc();
    },

    /** The compiled executor left an operation to the reference executor. */
    executionFellBack(event: { readonly reason: string }): void {
      metrics.executionFallbacks.inc({ reason: event.reason });
    },

    /** One line per operation, at the level of its worst error. Pairs with `operationStarted`. */
    operationFinished(event: OperationFinished): void {
      const { kind, errors, operationName, ms, calls, payloads } = event;
      metrics.operationsInFlight.dec();
      metrics.operations.inc({ kind, outcome: errors[0]?.code ?? 'ok' });
      metrics.operationSeconds.observe({ kind }, ms / 1000);
      metrics.operationCalls.observe({ kind }, calls);
      if (payloads === undefined) countErrors(errors);
      const codes = [...new Set(errors.map(({ code }) => code))];
      plain[levelOf(codes)](
        {
          requestId: event.requestId,
          operation: operationName?.slice(0, 200) ?? '(anonymous)',
          kind,
          ms: round(ms),
          calls,
          ...(payloads !== undefined && { payloads }),
          ...(event.cache !== undefined && { cache: event.cache }),
          ...(codes.length > 0 && { codes }),
          ...(event.generation !== undefined && { generation: event.generation }),
        },
        'operation',
      );
    },

    /** An answer that comes in parts has begun. Pairs with `streamEnded`. */
    streamBegun(): void {
      metrics.streams.inc();
    },

    /** One part of it was given to the transport. */
    payloadGiven(event: Pick<OperationFinished, 'kind' | 'errors'>): void {
      metrics.payloads.inc({ kind: event.kind });
      countErrors(event.errors);
    },

    streamEnded(): void {
      metrics.streams.dec();
    },

    socketOpened(event: { readonly connection: string; readonly address: string }): void {
      metrics.sockets.inc();
      log.debug(event, 'websocket opened');
    },

    /** `code` is the close code of RFC 6455 §7.4 or of graphql-transport-ws. */
    socketClosed(event: { readonly connection: string; readonly code: number; readonly ms: number }): void {
      metrics.sockets.dec();
      log.debug({ ...event, ms: round(event.ms) }, 'websocket closed');
    },

    socketRefused(event: { readonly status: number; readonly address: string; readonly reason: string }): void {
      metrics.socketRefusals.inc({ status: String(event.status) });
      log.debug(event, 'websocket refused');
    },

    /** A proof of identity was not accepted; `kind` says which sort it was. Why stands in the error's cause, and no part of the proof. */
    proofRefused(event: { readonly kind: string; readonly error: Error }): void {
      metrics.proofsRefused.inc({ kind: event.kind });
      log.debug({ kind: event.kind, err: event.error }, 'proof of identity refused');
    },

    /** Keys could not be read anew, or looked up: what is known goes on as long as it may. */
    identityFailed(event: { readonly error: unknown }): void {
      metrics.identityFaults.inc();
      log.warn({ err: event.error }, 'proofs of identity cannot be checked as they should');
    },

    /** Rules that nobody knows, or that cannot be asked where they stand: what they are about is for nobody until they are mended. */
    rulesBroken(event: { readonly faults: readonly string[] }): void {
      log.error(event, 'rules that cannot be asked let nobody through');
    },

    /** Calls that went well are told at debug; failed ones at the level of their code, with the full cause. */
    callFinished(event: CallFinished): void {
      const { source, outcome, attempts, cache, coalesced, unrequested, unplacedErrors } = event;
      const operation = metrics.operationLabel(source, event.operation);
      if (isSaved(event)) metrics.callsSaved.inc({ source, by: coalesced === true ? 'coalesce' : 'cache' });
      else {
        metrics.calls.inc({ source, operation, outcome });
        metrics.callSeconds.observe({ source, operation }, event.ms / 1000);
        metrics.callBytes.inc({ source, operation }, event.bytes);
        if (unrequested !== undefined) metrics.callRowsDropped.inc({ source, operation }, unrequested);
        if (unplacedErrors !== undefined) metrics.callUnplacedErrors.inc({ source, operation }, unplacedErrors);
      }
      if (attempts !== undefined && attempts > 1) metrics.callRetries.inc({ source, operation }, attempts - 1);
      const isOdd = unplacedErrors !== undefined && !isSaved(event);
      const level = outcome === 'ok' ? (isOdd ? 'warn' : 'debug') : errorTable[outcome].level;
      const { requestId, operation: name, bytes, cause } = event;
      const line = {
        requestId,
        source,
        operation: name,
        ms: round(event.ms),
        bytes,
        outcome,
        attempts,
        cache,
        coalesced,
        unrequested,
        unplacedErrors,
      };
      log[level](cause === undefined ? line : { ...line, err: cause }, 'call');
    },

    /** The store of answers failed: calls are made as if there was none. */
    callStoreFailed(event: { readonly error: unknown }): void {
      metrics.callStoreFaults.inc();
      log.warn({ err: event.error }, 'the store of answers failed');
    },

    /** The store of recorded operations failed: they are noted in this process until it is back. */
    operationStoreFailed(event: { readonly error: unknown }): void {
      metrics.operationStoreFaults.inc();
      log.warn({ err: event.error }, 'the store of recorded operations failed');
    },

    /** What the client only sees as INTERNAL with this request id. */
    unknownError(event: {
      readonly requestId: string;
      readonly error: unknown;
      readonly operationName?: string;
    }): void {
      const { requestId, operationName, error } = event;
      const err = error instanceof GatewayError ? (error.cause ?? error) : error;
      log.error({ requestId, ...(operationName && { operation: operationName.slice(0, 200) }), err }, 'unknown error');
    },
  };
}

function levelOf(codes: readonly ErrorCode[]): LogLevel {
  // An operation is worth a line at info even when its only error is a client that left.
  const worst = Math.max(1, ...codes.map((code) => levels.indexOf(errorTable[code].level)));
  return levels[worst] ?? 'info';
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
