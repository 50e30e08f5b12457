import type { HeaderField } from './lib/header-fields.ts';

/** One finished call to an upstream. */
export type CallRecord = {
  source: string;
  operation: string;
  /** Keys that a bulk call carried; 0 when it was none. */
  keys: number;
  ms: number;
  bytes: number;
  /** `ok`, or the code of the error. */
  outcome: string;
  /** How often it was sent, where more than once is allowed; absent where it was not sent at all. */
  attempts?: number;
  /** What the call cache did, where the operation has one; after `hit`, `stale` and `stale-if-error` the answer is a stored one. */
  cache?: 'hit' | 'stale' | 'stale-if-error' | 'revalidated' | 'miss' | 'refresh';
  /** Whether it waited for an equal call that was already under way. */
  coalesced?: boolean;
  /** How old the stored answer was, in ms, where it was one. */
  ageMs?: number;
  /** Rows of its answer that are dropped, because nobody asked for them or they have no key; absent for none. */
  unrequested?: number;
  /** Errors that a GraphQL source told beside its data without a place of their own in it; absent for none. */
  unplacedErrors?: number;
  /** How much longer its answer may be given without asking again, in ms, as the source or its policy says; absent where neither does. */
  keepMs?: number;
  /** Whether the source says that its answer is for one caller alone. */
  personal?: boolean;
  /** The group of the operation's plan that the call was one of. */
  group?: number | undefined;
};

/** What rules note on a call for its record. */
export type CallNotes = Pick<
  CallRecord,
  'attempts' | 'cache' | 'coalesced' | 'ageMs' | 'keepMs' | 'personal' | 'unrequested' | 'unplacedErrors'
> & {
  /** What is wrong with an answer that was taken all the same: for the log alone. */
  warning?: Error;
};

/** Whether a call was answered without asking the upstream: by an equal call under way, or from the store. */
export function isSaved({
  cache,
  coalesced,
}: {
  cache?: CallNotes['cache'] | undefined;
  coalesced?: boolean | undefined;
}): boolean {
  return coalesced === true || cache === 'hit' || cache === 'stale' || cache === 'stale-if-error';
}

/** Requests to upstreams behind the records of an operation. */
export function countCalls(calls: readonly CallRecord[]): number {
  return calls.reduce((sum, call) => sum + (isSaved(call) ? 0 : (call.attempts ?? 1)), 0);
}

/** What policy passes on to clients of the headers of an operation's answers. */
export type HeaderPassing = {
  /** By name: the values of all calls, or the first one there is. */
  readonly names: ReadonlyMap<string, 'append' | 'first'>;
  /** Whether the answer tells how long it may be kept. */
  readonly minMaxAge: boolean;
};

/** What one call adds to the headers of the answer; without fields as long as it has not succeeded. */
export type PassedHead = { readonly passing: HeaderPassing | undefined; fields?: readonly HeaderField[] };

/** Who asks. Anonymous is a principal too. */
export type Principal = {
  kind: 'anonymous' | 'key' | 'jwt' | 'certificate';
  id: string;
  tenant?: string;
  roles: readonly string[];
  scopes: readonly string[];
};

/** The operation a request carries, known once it was parsed. */
export type OperationSlot = { kind: 'query' | 'mutation' | 'subscription'; name: string; hash: string };

/** What the cache of whole answers did with an operation. */
export type CachedAnswer = {
  /** `hit`: given from what was kept; `stale`: the same, past its age; `miss`: made anew; `bypass`: the cache has nothing to do with it. */
  outcome: 'hit' | 'stale' | 'miss' | 'bypass';
  /** Why, in a few words that a header can hold. */
  reason: string;
  /** How old the answer is, in ms; absent for one that was just made. */
  ageMs?: number;
  /** How long it is good from when it was made, in ms; absent where it is not kept. */
  maxAgeMs?: number;
  /** What other caches may know: only of an answer that everybody gets. */
  shared?: { etag: string; vary: readonly string[] };
};

/** What belongs to the connection: batch items and WebSocket operations share it. */
export type ConnectionSlots = {
  /** The address of who connected, written by the http stage. */
  peer: { address: string };
  /** Whether the request came by the admin port: written by who hands it in. */
  byOperator?: boolean;
  /** Written by the identify stage. */
  principal: Principal;
};

/** What belongs to one operation. Each slot has one writer: the stage named beside it. */
export type OperationSlots = {
  /** http */
  requestId: string;
  /** http: when the budget ends, in ms since the epoch; Infinity for a subscription, whose events have budgets of their own. */
  deadline: number;
  /** http: aborted when the client has gone or the budget is spent. */
  signal: AbortSignal;
  /** http: aborted when the client has gone, and then alone. */
  gone: AbortSignal;
  /** http: the request's headers, lower-case names. */
  headers: ReadonlyMap<string, string>;
  /** http: when the request came, in ms since the epoch. */
  startedAt: number;
  /** validate */
  operation: OperationSlot | undefined;
  /** cache: what became of the operation there; undefined where nothing is kept at all. */
  cached: CachedAnswer | undefined;
  /** connect: every call that was made. */
  calls: CallRecord[];
  /** execute: the plan, and what joins share within one operation, or within one event of a subscription; once something runs. */
  execution: object | undefined;
  /** http: how many calls earlier events of a subscription made; their records are not kept. */
  pastCalls: number;
  /** execute: how many calls were asked for; undefined before the first. */
  asked: { total: number; readonly bySource: Map<string, number> } | undefined;
  /** execute: what calls say in headers, in the order they were asked for; undefined where no policy passes any on. */
  passedHeads: PassedHead[] | undefined;
  /** execute: ends what upstreams still stream; http calls each when the operation has ended. */
  openStreams: Set<() => void> | undefined;
};

/** The request context: one slot per stage. */
export type RequestContext = ConnectionSlots & OperationSlots;
