import type { GraphQLField, GraphQLSchema } from 'graphql';
import type { HeaderRules } from '../config/headers.ts';
import type { Policy } from '../config/policy.ts';
import type { CallNotes, CallRecord } from '../context.ts';
import type { Abortable } from '../lib/ending.ts';
import type { HeaderField } from '../lib/header-fields.ts';
import type { ContractSecurity } from './auth/contract-security.ts';
import type { Guard } from './guard.ts';
import type { Unchanged } from './unchanged.ts';

/** What a GraphQL upstream is asked for below the root field; REST and gRPC answer whole. */
export type CallSelection = {
  /** A selection set in the upstream's own names, braces included; empty for a leaf. */
  text: string;
  /** Client variables the selection uses: name → type as the upstream writes it, and value. */
  variables: ReadonlyMap<string, { type: string; value: unknown }>;
};

/** Rows by key. A key without rows may be missing; an error stands for one whose rows could not be had. */
export type RowsByKey = ReadonlyMap<string, readonly unknown[] | Error>;

/** What rules have to know of a call for the rows of many keys, so that some keys can be answered without it. */
export type CallBulk = {
  /** Each key once, as a text that only equal keys have. */
  keys: readonly string[];
  /** How keys are placed and rows are told apart, as text: rows of calls that differ in this are never the same. */
  shape: string;
  /** The arguments of the call for some of the keys, or for none. */
  argsFor: (keys: readonly string[]) => Call['args'];
  /** The rows of these keys in the data of an answer, and how many rows belong to none of them. */
  rowsOf: (data: unknown, keys: readonly string[]) => { rows: RowsByKey; unrequested: number };
};

/** One request to an upstream. */
export type Call = {
  source: string;
  /** Root field of the source, by its name in the unified schema. */
  operation: string;
  /** The field that asks, as `Type.field`, for who tells of it; without it it is called by its operation. */
  coordinate?: string | undefined;
  /** Coerced arguments in GraphQL names. */
  args: Readonly<Record<string, unknown>>;
  /** Whether sending it twice does no more than sending it once. */
  idempotent: boolean;
  /** When its time ends, in ms since the epoch: the request's budget, and within the rules what is left for the call or attempt. */
  deadline: number;
  /** Whether `deadline` is the time that the policy gives the source, so that missing it is the source's fault; else the request's. */
  isSourceTime?: boolean | undefined;
  signal: Abortable;
  /** Headers of the client's request, lower-case names; what of them is sent on is the policy's choice. */
  headers: ReadonlyMap<string, string>;
  requestId: string;
  /** Keys that a bulk call carries; absent or 0 for none. */
  keys?: number | undefined;
  /** With it, the `data` of the result may be `RowsByKey`, a Map, in place of what the upstream said. */
  bulk?: CallBulk | undefined;
  /** Gets the record of the call when it has ended: the request's `calls` slot. */
  record?: ((record: CallRecord) => void) | undefined;
  selection?: CallSelection | undefined;
  /**
   * What of the answer is asked for, for upstreams that take a field mask: wire names with dots between them, through lists and
   * oneofs too (`target.address.city`). It has to name every field that anything reads, keys of joins included.
   */
  mask?: readonly string[] | undefined;
  /** The group of the operation's plan that the call is one of, for its record. */
  group?: number | undefined;
  /** What rules tell of the call, for its record; `failed` for a record of its own. */
  notes?: (CallNotes & { failed?: FailedCall }) | undefined;
  /** Everything it would send, once a rule has asked for it. */
  key?: CallKey | undefined;
  /**
   * Headers that ask whether a stored answer is still good (RFC 9110 §13). With them, even without any, the result has its
   * `head`, and 304 is a result without data.
   */
  conditions?: ReadonlyMap<string, string> | undefined;
  /** Endpoints that were tried for it, by number: who chooses one adds it. */
  tried?: Set<number> | undefined;
  /** Of a stream: told when the upstream has accepted it, where its protocol says so before the first message; also more than once. */
  opened?: (() => void) | undefined;
};

/** Everything that a call sends to its upstream and that may shape the answer. */
export type CallKey = {
  /** Equal for two calls only when the upstream could not tell them apart. */
  text: string;
  /** The request as HTTP caching sees it, where the protocol has that (RFC 9111). */
  http?: { method: string; url: string; headers: ReadonlyMap<string, string> };
};

/** What the source failed with in whose place a stored answer was given: it was asked all the same. */
export type FailedCall = { readonly error: unknown; readonly attempts?: number };

/** What an upstream answered: data in wire names and wire values. */
export type CallResult = {
  data: unknown;
  /** HTTP status, or the number of the gRPC status. */
  status: number;
  /** Bytes of the answer's body as received; 0 when nothing was. */
  bytes: number;
  /** Headers of the answer, lower-case names; only where `call.conditions` asks for them. */
  head?: Readonly<Record<string, string>>;
  /** Headers of the answer that policy passes on to clients, lower-case names; one entry per Set-Cookie. */
  passed?: readonly HeaderField[];
};

/** `next => call => result`: a rule wraps a transport or another rule. */
export type Caller = (call: Call) => Promise<CallResult>;
export type CallRule = (next: Caller) => Caller;

/** One root field a connector serves, with what the schema's directives say about its wire form. */
export type ConnectorOperation = {
  name: string;
  kind: 'query' | 'mutation' | 'subscription';
  /** The field in the unified schema: arguments and types are read from it, once, when the generation is built. */
  field: GraphQLField<unknown, unknown>;
  /** Arguments of `@httpOperation`, `@grpcMethod` or `@graphqlField` for this source. */
  wire: Readonly<Record<string, unknown>>;
};

export type ConnectorOptions = {
  source: string;
  /** Addresses in order; a static list. */
  endpoints: readonly string[];
  /** Whether the contract alone names them; without it policy or `.meshrc.yaml` does. */
  endpointsFromContract?: boolean;
  /** Judges what the one endpoint resolves to; made by who opens the connector. */
  guard?: Guard | undefined;
  /** Recognizes answers that come again as they were; made by who opens the connector. */
  unchanged?: Unchanged | undefined;
  operations: readonly ConnectorOperation[];
  /** The unified schema, for who must know what implements an interface. */
  schema?: GraphQLSchema;
  /** Security schemes of the contract, for who sends what it asks for. */
  security?: ContractSecurity | undefined;
  policy: Policy;
  /** Headers or metadata that `.meshrc.yaml` sets on every call. */
  headers: Readonly<Record<string, string>>;
  /** Rules for the headers of calls to every source (gateway.yaml), wider than the policy's own. */
  headerRules: HeaderRules;
  /** Descriptors of a gRPC source, from `@transport(options: { roots })`. */
  roots: readonly { name: string; rootJson: string }[];
  maxBodyBytes: number;
  /** Most bytes of a request without the files in it, where the policy does not say (default 4 MiB). */
  maxRequestBytes?: number;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** Opens one stream of answers; see `Connector`. */
export type OpenStream = (call: Call) => AsyncIterable<unknown>;

/** Performs calls of one source. */
export type Connector = {
  source: string;
  kind: 'rest' | 'grpc' | 'graphql';
  call: Caller;
  /** What the call would send; undefined when that cannot be compared. Throws what `call` would when it cannot be sent. */
  keyOf?: (call: Call) => CallKey | undefined;
  /**
   * Opens a stream of answers, one per message, in the form that `call` gives its data in; absent where the protocol has none.
   * It ends when the upstream ends it, when `call.signal` is aborted (without an error), or with a GatewayError; whoever stops
   * reading cancels the upstream's side.
   */
  stream?: OpenStream;
  [Symbol.asyncDispose](): Promise<void>;
};
