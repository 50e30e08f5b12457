/** A source in process that streams what a test pushes, and counts what is open: for tests of how streams are served. */
import { buildSchema } from 'graphql';
import type { Call, Connector } from '../../gateway/connect/connector.ts';
import type { CallRecord, RequestContext } from '../../gateway/context.ts';
import { attachResolvers } from '../../gateway/execute/attach.ts';
import { readModel } from '../../gateway/execute/model.ts';
import { createPerform } from '../../gateway/execute/perform.ts';
import { createOpenUpstream, type StreamRule } from '../../gateway/execute/stream.ts';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import type { FixedGeneration } from './fixed-supply.ts';
import { makeGeneration } from './fixed-supply.ts';

/** One stream as the upstream sees it. */
export type FeedStream = {
  readonly call: Call;
  /** Messages that were taken by the gateway. */
  taken: number;
  /** Whether the gateway is still there. */
  open: boolean;
  push(...messages: unknown[]): void;
  end(): void;
  fail(error: unknown): void;
};

export type Feed = {
  /** Every stream that was opened, in order. */
  readonly streams: readonly FeedStream[];
  /** How many the gateway still reads. */
  open(): number;
  /** Plain calls, in order. */
  readonly calls: readonly Call[];
  /** Listeners on the signals of all streams that were opened. */
  listeners(): number;
  readonly connector: Connector;
};

/** @param answer of plain calls */
export function createFeed(answer: (call: Call) => unknown = () => null): Feed {
  const streams: FeedStream[] = [];
  const calls: Call[] = [];
  let listeners = 0;
  const connector: Connector = {
    source: 'feed',
    kind: 'grpc',
    async call(call) {
      calls.push(call);
      const { source, operation, keys = 0 } = call;
      call.record?.({ source, operation, keys, ms: 0, bytes: 0, outcome: 'ok' });
      return { data: await answer(call), status: 0, bytes: 0 };
    },
    stream(call) {
      const queue: unknown[] = [];
      let fault: { error: unknown } | undefined;
      let ended = false;
      let wake: () => void = () => undefined;
      const stop = (): void => {
        if (stream.open) listeners -= 1;
        stream.open = false;
        call.signal.removeEventListener('abort', stop);
        wake();
      };
      const stream: FeedStream = {
        call,
        taken: 0,
        open: true,
        push(...messages) {
          queue.push(...messages);
          wake();
        },
        end() {
          ended = true;
          wake();
        },
        fail(error) {
          fault = { error };
          wake();
        },
      };
      streams.push(stream);
      listeners += 1;
      call.signal.addEventListener('abort', stop, { once: true });
      return (async function* read() {
        try {
          while (stream.open) {
            if (queue.length > 0) {
              stream.taken += 1;
              yield queue.shift();
            } else if (fault !== undefined) throw fault.error;
            else if (ended) return;
            else await new Promise<void>((resolve) => (wake = resolve));
          }
        } finally {
          stop();
        }
      })();
    },
    async [Symbol.asyncDispose]() {},
  };
  return {
    streams,
    calls,
    connector,
    open: () => streams.filter(({ open }) => open).length,
    listeners: () => listeners,
  };
}

const STREAM =
  '@grpcMethod(subgraph: "feed", rootJsonName: "r", objPath: "p.S", methodName: "M", requestType: "A", responseType: "B", responseStream: true)';
const CALL =
  '@grpcMethod(subgraph: "feed", rootJsonName: "r", objPath: "p.S", methodName: "M", requestType: "A", responseType: "B")';

/** Ticks have an owner, who is looked up by key; `ticks` is a streamed list of them, `Subscription.ticks` the same as events. */
const sdl = `${WIRE_DIRECTIVES}
  extend schema @transport(subgraph: "feed", kind: "grpc")
  type Query {
    hello(wait: Boolean): String ${CALL}
    ticks(count: Int): [Tick] ${STREAM}
    strictTicks: [Tick!]! ${STREAM}
    owners(ids: [ID!]!): [Owner!] ${CALL}
  }
  type Mutation { tick(id: ID!): Tick ${CALL} }
  type Subscription { ticks(of: ID): Tick ${STREAM} other: Tick ${STREAM} }
  type Tick @source(subgraph: "feed") {
    id: ID!
    price: Int
    ownerId: ID
    owner: Owner @resolveTo(sourceName: "feed", sourceFieldName: "owners", keyField: "ownerId", keysArg: "ids", valueKeyField: "id")
  }
  type Owner @source(subgraph: "feed") { id: ID! name: String }`;

export type FeedGeneration = FixedGeneration & {
  readonly feed: Feed;
  /** Records of all streams that have ended. */
  readonly records: readonly CallRecord[];
  /** Contexts of all operations that opened a stream. */
  readonly contexts: readonly RequestContext[];
};

/** A generation over one feed. */
export function makeFeedGeneration(
  id: string,
  feed: Feed = createFeed(),
  rule: StreamRule = { maxItems: 1000, deadlineMs: undefined },
): FeedGeneration {
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const connectors = new Map([['feed', feed.connector]]);
  const records: CallRecord[] = [];
  const onCall = (record: CallRecord): void => void records.push(record);
  const ask = (): undefined => undefined;
  const openUpstream = createOpenUpstream({ connectors, ask, ruleOf: () => rule, onCall, now: Date.now });
  const contexts: RequestContext[] = [];
  attachResolvers(schema, readModel(schema), {
    perform: createPerform(connectors, ask),
    openUpstream: (context, ...rest) => {
      contexts.push(context);
      return openUpstream(context, ...rest);
    },
  });
  return Object.assign(makeGeneration(id, schema), { feed, records, contexts });
}
