import type { PolicyRequirement } from './config/coordinates.ts';
import type { Abortable } from './lib/ending.ts';
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

/** What policy passes on to clients of the headers of an operation's answers. */
export type HeaderPassing = {
  /** By name: the values of all calls, or the first one there is. */
  readonly names: ReadonlyMap<string, 'append' | 'first'>;
  /** Whether the answer tells how long it may be kept. */
  readonly minMaxAge: boolean;
};
/** What one call adds to the headers of the answer; without fields as long as it has not succeeded. */
export type PassedHead = { readonly passing: HeaderPassing | undefined; fields?: readonly HeaderField[] };

/** Who asks. Anonymous is a principal too. What proved it is a key, a JWT, a token its issuer was asked about, a certificate, a trusted proxy. */
export type Principal = {
  kind: 'anonymous' | 'key' | 'jwt' | 'token' | 'certificate' | 'proxy';
  /** Unique among all kinds and issuers: `key:shop-web`, `jwt:usr_1`. */
  id: string;
  tenant?: string;
  roles: readonly string[];
  scopes: readonly string[];
  /** When its proof ends, in ms since the epoch; without it the proof does not end by itself. */
  expiresAt?: number;
  /** What rules may compare, by name: `sub` is the id as its issuer writes it. */
  claims?: Readonly<Record<string, unknown>>;
  /** Which secret of an API key it showed: the first digits of its hash. */
  keyId?: string;
};

/** A certificate that a client showed. `validFrom` and `validTo` are in ms since the epoch. */
export type PeerCertificate = {
  readonly commonName: string | undefined;
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  /** SHA-256 of the certificate as base64url (RFC 8705 §3.1). */
  readonly thumbprint: string;
  readonly validFrom: number;
  readonly validTo: number;
  /** Whether one of the authorities that are believed signed it. */
  readonly isTrusted: boolean;
};

/** Who connected. */
export type Peer = {
  /** The client's address: that of the connection, or what a trusted proxy says. */
  address: string;
  /** Whether a trusted proxy is between. */
  isProxied?: boolean;
  certificate?: PeerCertificate | undefined;
};

/** Fields of one operation that are denied. */
export type Denied = {
  /** Equal where the same is denied. */
  readonly key: string;
  /** @param coordinate `Type.field`; @param path response keys from the root, list positions left out */
  has(coordinate: string, path: readonly string[]): boolean;
  /** Whether values of the type are, wherever they come from. */
  hasType(name: string): boolean;
};

/** What the authorize stage found about one operation. */
export type Grants = {
  /** Equal for principals who are denied the same of an operation: with it, an answer may be shared between them. */
  readonly key: string;
  /** Whether all was decided before anything was called. Where not, rules look at what sources answer: nobody may share the answer. */
  readonly isShared: boolean;
  /** Undefined where nothing is denied. */
  readonly denied: Denied | undefined;
  /** Whether rules that look at an object allow it; `values` are those of the object that the rule names, by path. */
  allows(rule: PolicyRequirement, values: Readonly<Record<string, unknown>>): Promise<boolean>;
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

/** One field that an operation is charged for. */
export type PricePart = {
  readonly coordinate: string;
  /** Response keys from the root, joined by dots. */
  readonly path: string;
  readonly source: string;
  /** Points of the field, of the values it gives, and of the calls that are counted with it. */
  readonly points: number;
  /** Calls that are counted with it: those of a group stand where it is first met. */
  readonly calls: number;
};

/** What an operation, or its share of one source, takes. */
export type Amount = { readonly points: number; readonly calls: number };
/** What an operation really took. */
export type Cost = Amount & { readonly bySource: ReadonlyMap<string, Amount> };

/** What an operation is going to take at most, as far as lists are as long as they are said to be. */
export type Price = Amount & {
  readonly bySource: ReadonlyMap<string, Amount>;
  /** Where it goes, dearest first. */
  readonly parts: readonly PricePart[];
  /** How long arguments ask lists to get, and how many keys they hold. */
  readonly pages: readonly { readonly coordinate: string; readonly argument: string; readonly size: number }[];
  /** Fields of which exactly one of these arguments had to be given. */
  readonly unsliced: readonly { readonly coordinate: string; readonly anyOf: readonly string[] }[];
  /** Whether the operation is so large that this is not all. */
  readonly isTruncated: boolean;
  /** What it really took, by calls and data: null for none; undefined where nobody saw it, so that fields and objects count as priced. */
  costOf(calls: readonly CallRecord[], data: unknown): Cost;
};

/** How a budget stands after a request, or after refusing one. */
export type QuotaState = {
  /** Name of the rule. */
  readonly rule: string;
  /** What the budget holds when it is full, and the window it fills up in; a limit on what is under way has no window. */
  readonly limit: number;
  readonly windowMs: number | undefined;
  readonly remaining: number;
  /** Until it is full again. */
  readonly resetMs: number;
};

/** What was taken from budgets for an operation. */
export type Quota = {
  readonly states: readonly QuotaState[];
  /** Rule that refused it. */
  readonly refusedBy: string | undefined;
};

/** Budgets that events of a subscription are charged to. `ask` throws GatewayError RATE_LIMITED when one of them is spent. */
export type EventBudget = {
  ask(): Promise<void>;
  charge(calls: readonly CallRecord[], data: unknown): void;
};

/** What belongs to the connection: batch items and WebSocket operations share it. */
export type ConnectionSlots = {
  /** The path that was asked for, written by the http stage. */
  path: string;
  /** The operations of a request that carries a list of them, in their order: written by the http stage. */
  batch?: RequestContext[];
  /** Who connected, written by the http stage. */
  peer: Peer;
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
  signal: Abortable;
  /** http: aborted when the client has gone, and then alone. */
  gone: Abortable;
  /** http: the request's headers, lower-case names. */
  headers: ReadonlyMap<string, string>;
  /** http: when the request came, in ms since the epoch. */
  startedAt: number;
  /** validate */
  operation: OperationSlot | undefined;
  /** cache: what became of the operation there; undefined where nothing is kept at all. */
  cached: CachedAnswer | undefined;
  /** validate: what it is going to cost; undefined where that cannot be said, as when a variable is not of its type. */
  price: Price | undefined;
  /** validate: what it really cost; undefined before it has ended. */
  cost: Cost | undefined;
  /** limit: what was taken from budgets for it. */
  quota: Quota | undefined;
  /** explain: whether the client is told what the run of its operation did, so that nobody else's will do. */
  isWatched: boolean;
  /** limit: what the events of a subscription are charged to; undefined where no budget counts them. */
  eventBudget: EventBudget | undefined;
  /** authorize: what is denied; undefined before that was asked. */
  grants: Grants | undefined;
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
  /** Any stage: what is to be done when the operation has ended, however it did; http calls each, once. */
  atEnd: Set<() => void> | undefined;
};

/** The request context: one slot per stage. */
export type RequestContext = ConnectionSlots & OperationSlots;
