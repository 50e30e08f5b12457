/**
 * The closed table of error codes and the one error class. A client sees a code of this table or nothing; what it says is public,
 * what caused it goes to the log. Statuses follow GraphQL over HTTP (draft of 2025): a well-formed request answered as
 * `application/json` stays 200, `application/graphql-response+json` may tell the truth in its status.
 */

import type { GraphQLErrorExtensions } from 'graphql';
import { GraphQLError } from 'graphql';
import { withoutStack } from './lib/stackless.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type ErrorRow = {
  /** HTTP status when the error ends the request and the answer is `application/graphql-response+json`. */
  readonly status: number;
  /** The same for `application/json`. */
  readonly jsonStatus: number;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
  /** Level the gateway logs it at. */
  readonly level: LogLevel;
  /** The public sentence: it says what to change. */
  readonly message: string;
};

/** What the caller has to change: never retryable. */
function refused(status: number, jsonStatus: number, message: string): ErrorRow {
  return { status, jsonStatus, retryable: false, level: 'info', message };
}

/** What time may heal, or an operator has to: the caller's document is fine. */
function failed(status: number, retryable: boolean, level: LogLevel, message: string): ErrorRow {
  return { status, jsonStatus: status, retryable, level, message };
}

const table = {
  BAD_REQUEST: refused(400, 400, 'The request is malformed: send a GraphQL request as GraphQL over HTTP describes it.'),
  PARSE_FAILED: refused(400, 200, 'The document is not valid GraphQL: correct the syntax at the given location.'),
  VALIDATION_FAILED: refused(400, 200, 'The document does not fit the schema: correct it at the given location.'),
  PERSISTED_OPERATION_NOT_FOUND: refused(400, 200, 'The operation is not known here: send its full text once.'),
  PERSISTED_OPERATION_REQUIRED: refused(400, 200, 'Only registered operations run here: register the operation first.'),
  LIMIT_DEPTH: refused(400, 200, 'The operation is nested too deeply: select fewer levels.'),
  LIMIT_ALIASES: refused(400, 200, 'The operation has too many aliases: split it.'),
  LIMIT_TOKENS: refused(400, 200, 'The document is too long: shorten or split it.'),
  LIMIT_DIRECTIVES: refused(400, 200, 'The document has too many directives: leave some out.'),
  LIMIT_ROOT_FIELDS: refused(400, 200, 'The operation has too many root fields: split it.'),
  LIMIT_FIELDS: refused(400, 200, 'The operation selects too many fields: select fewer, or split it.'),
  LIMIT_PAGE_SIZE: refused(400, 200, 'A list is asked for in too large a piece: ask for a smaller one.'),
  LIMIT_COST: refused(400, 200, 'The operation is too expensive: select fewer fields or shorter lists.'),
  LIMIT_CALLS: refused(400, 200, 'The operation needs too many upstream calls: select fewer fields or shorter lists.'),
  LIMIT_REQUEST_SIZE: refused(400, 200, 'A field sends too much to its source at once: send less, or split it.'),
  UNAUTHENTICATED: refused(401, 401, 'The proof of identity is missing or not accepted: send a valid one.'),
  FORBIDDEN: refused(403, 200, 'This is not allowed for you: leave it out, or ask for the permission.'),
  RATE_LIMITED: failed(429, true, 'info', 'Too many requests: wait as long as Retry-After says.'),
  DEADLINE_EXCEEDED: failed(504, true, 'warn', 'The answer was not ready in time: ask for less, or allow more time.'),
  CLIENT_CLOSED: failed(499, true, 'debug', 'The client closed the connection before the answer was ready.'),
  SOURCE_UNAVAILABLE: failed(503, true, 'warn', 'The source cannot be used at the moment: try again later.'),
  CIRCUIT_OPEN: failed(503, true, 'warn', 'The source failed too often and is given a rest: try again later.'),
  UPSTREAM_TIMEOUT: failed(504, true, 'warn', 'The source did not answer in time: try again later.'),
  UPSTREAM_UNREACHABLE: failed(502, true, 'warn', 'The source could not be reached: try again later.'),
  UPSTREAM_REJECTED: failed(502, false, 'info', 'The source rejected the call: check the arguments.'),
  UPSTREAM_FAILED: failed(502, true, 'warn', 'The source failed to answer: try again later.'),
  UPSTREAM_BAD_PAYLOAD: failed(502, false, 'error', 'The source gave an answer that does not fit its contract.'),
  UPSTREAM_RATE_LIMITED: failed(503, true, 'warn', 'The source is limiting calls: try again later.'),
  REGISTRY_UNAVAILABLE: failed(503, true, 'error', 'The registry cannot be used at the moment: try again later.'),
  DRAINING: failed(503, true, 'info', 'The gateway is shutting down: send the request again.'),
  INTERNAL: failed(500, false, 'error', 'Something went wrong inside the gateway: report the request id.'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof table;

/** Every code with its row; the order is the order of the reference page. */
export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = Object.freeze(table);

/** Most errors that one answer lists: the last one says how many are left out. A source can make as many as its lists are long. */
export const MOST_ERRORS = 1000;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorTable, value);
}

export type GatewayErrorOptions = {
  /** Public text in place of the table's sentence. Never put upstream detail here. */
  readonly message?: string;
  /** Name of the source the error belongs to. */
  readonly source?: string;
  /** For the log only. */
  readonly cause?: unknown;
  /** Public extras beside code, source and retryable, for example `{ upstreamStatus: 404 }`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** HTTP status where one code has several (405, 408, 413, 415 are all BAD_REQUEST). */
  readonly status?: number;
  /** Status for `application/json`; without it `status` holds for both. */
  readonly jsonStatus?: number;
  /** How long not to try again, in ms, where that is known more exactly than `Retry-After` can say. */
  readonly retryAfterMs?: number | undefined;
  /** The source is well: the error is its answer, as GraphQL sources give them. */
  readonly isAnswer?: boolean;
  /** HTTP response headers, for example `{ 'Retry-After': '3' }`. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** The only error the gateway throws on purpose. Its message and `detail` are public, its `cause` is not. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly jsonStatus: number;
  readonly retryable: boolean;
  readonly source: string | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly retryAfterMs: number | undefined;
  readonly isAnswer: boolean;

  constructor(code: ErrorCode, options: GatewayErrorOptions = {}) {
    const row = errorTable[code];
    const { stackTraceLimit } = Error;
    // What is on purpose is told by its code; where it came from would cost more than all the rest of it, at the worst of times.
    if (code !== 'INTERNAL') Error.stackTraceLimit = 0;
    super(options.message ?? row.message, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.status = options.status ?? row.status;
    this.jsonStatus = options.jsonStatus ?? options.status ?? row.jsonStatus;
    this.retryable = row.retryable;
    this.source = options.source;
    this.detail = options.extensions ?? {};
    this.headers = options.headers;
    this.retryAfterMs = options.retryAfterMs;
    this.isAnswer = options.isAnswer ?? false;
  }
}

/** Walks `originalError`s down to what was thrown first. */
export function rootError(error: unknown): unknown {
  let current = error;
  for (let hops = 0; hops < 16 && current instanceof GraphQLError && current.originalError != null; hops += 1) {
    current = current.originalError;
  }
  return current;
}

/**
 * The GraphQL error a client may see for anything that was thrown; what is not known becomes INTERNAL with the request id.
 * Its `originalError` is the GatewayError, for the log (`rootError`); serializing never shows it. Applying it twice changes
 * nothing. It never throws.
 *
 * @param error what was thrown, or an error of a result (parse, validation, variables, field)
 * @param requestId stands in INTERNAL errors, so that the log line can be found
 * @param sourceOf the source of what is at a path, for errors of upstreams that say none: a value that its scalar cannot take
 */
export function toGraphQLError(error: unknown, requestId: string, sourceOf?: SourceOf): GraphQLError {
  return withoutStack(() => publicError(error, requestId, sourceOf));
}

function publicError(error: unknown, requestId: string, sourceOf: SourceOf | undefined): GraphQLError {
  const root = rootError(error);
  const at = error instanceof GraphQLError ? error : undefined;
  if (root instanceof GatewayError) return located(withSource(root, at, sourceOf), at);
  const named = byName(root) ?? (at && fromLibrary(at));
  const known = named && withSource(named, at, sourceOf);
  return located(known ?? new GatewayError('INTERNAL', { cause: root, extensions: { requestId } }), at);
}

/** @param path response keys and list positions */
export type SourceOf = (path: readonly unknown[]) => string | undefined;

function withSource(known: GatewayError, at: GraphQLError | undefined, sourceOf: SourceOf | undefined): GatewayError {
  if (known.code !== 'UPSTREAM_BAD_PAYLOAD' || known.source !== undefined || !at?.path) return known;
  const source = sourceOf?.(at.path);
  const { code, message, cause, detail: extensions } = known;
  return source === undefined ? known : new GatewayError(code, { source, message, cause, extensions });
}

function located(known: GatewayError, at: GraphQLError | undefined): GraphQLError {
  const extensions: GraphQLErrorExtensions = { ...known.detail, code: known.code, retryable: known.retryable };
  if (known.source !== undefined) extensions['source'] = known.source;
  // With a path it is one field's error: its siblings go on and the answer is a 200.
  if (at?.path === undefined) extensions['http'] = httpOf(known);
  const { nodes = null, source = null, positions = null, path = null } = at ?? {};
  return new GraphQLError(known.message, { nodes, source, positions, path, originalError: known, extensions });
}

/** `spec: true` is Yoga's mark for a status that `application/json` does not show (it answers 200 then). */
function httpOf(known: GatewayError): Record<string, unknown> {
  const headers = known.headers === undefined ? {} : { headers: known.headers };
  return { status: known.status, spec: known.jsonStatus !== known.status, ...headers };
}

function byName(root: unknown): GatewayError | undefined {
  const name = root instanceof Error ? root.name : undefined;
  // A document so deep that it exhausts the stack of whoever walks it.
  if (root instanceof RangeError && root.message.includes('call stack'))
    return new GatewayError('LIMIT_DEPTH', { cause: root });
  if (name === 'TimeoutError') return new GatewayError('DEADLINE_EXCEEDED', { cause: root });
  return name === 'AbortError' ? new GatewayError('CLIENT_CLOSED', { cause: root }) : undefined;
}

// graphql-js gives its errors no codes: its own sentences tell them apart (a test holds them against the installed version).
const nullSentence = /^Cannot return null for non-nullable field \w+\.\w+\.$/;
const badValue =
  /^(Abstract type |Expected (Iterable|value of type)|(Int|Float|String|Boolean|ID|Enum "\w+") cannot represent )/;
const variable =
  /^(Variable "\$\w+" (got invalid value|of (required|non-null) type [\s\S]* (was not provided|must not be null)\.$)|Too many errors processing variables)/;

/** Errors made by graphql-js and Yoga themselves, by what those set: code, nodes, path and `http`. */
function fromLibrary(error: GraphQLError): GatewayError | undefined {
  const { message, path, nodes } = error;
  const { code, http } = error.extensions as {
    code?: unknown;
    http?: { status?: unknown; headers?: Record<string, string> };
  };
  if (path !== undefined) {
    // Not on the field but on an argument or a directive of it: the caller's value.
    if (nodes?.[0] !== undefined && nodes[0].kind !== 'Field') return new GatewayError('BAD_REQUEST', { message });
    if (nullSentence.test(message)) return new GatewayError('UPSTREAM_BAD_PAYLOAD', { message, cause: error });
    // An executor may rethrow what a scalar or enum said as a plain error: the sentence tells.
    return badValue.test(message) ? new GatewayError('UPSTREAM_BAD_PAYLOAD', { cause: error }) : undefined;
  }
  if (code === 'GRAPHQL_PARSE_FAILED' || message.startsWith('Syntax Error: '))
    return new GatewayError('PARSE_FAILED', { message });
  if (code === 'OPERATION_RESOLUTION_FAILURE' || variable.test(message)) {
    return new GatewayError('BAD_REQUEST', { message, jsonStatus: 200 });
  }
  if (code === 'BAD_REQUEST') {
    const status = typeof http?.status === 'number' ? { status: http.status } : {};
    return new GatewayError('BAD_REQUEST', { message, ...status, ...(http?.headers && { headers: http.headers }) });
  }
  return nodes === undefined && code !== 'GRAPHQL_VALIDATION_FAILED'
    ? undefined
    : new GatewayError('VALIDATION_FAILED', { message });
}
