/** What a fault is, and the world it happens in: one failing source, and a healthy one whose rows have to come all the same. */

import type { GraphQLSchema } from 'graphql';
import type { CacheStore } from '../../gateway/connect/cache/store.ts';
import type { Answer, KitApp } from '../kit/app.ts';
import type { FaultyUpstream, GrpcBehaviour, RestBehaviour } from '../kit/faulty-upstream.ts';
import { startFaultyGrpc, startFaultyRest } from '../kit/faulty-upstream.ts';

/** Names of the sources: `people`, `stock` and `ratings` are what fails, `posts` is the sibling. */
export type SourceName = 'people' | 'stock' | 'ratings' | 'posts';

export type FaultyWorld = {
  readonly app: KitApp;
  readonly upstreams: Readonly<Record<SourceName, FaultyUpstream>>;
  readonly schema: GraphQLSchema;
  /** Where the gateway listens; it does from the first time on. */
  url(): Promise<string>;
  /** Lets time pass for the gateway's clock, and for no timer. */
  advance(ms: number): void;
};

/** What came of asking. */
export type Outcome = {
  /** Codes of the failing fields, each once, sorted; `answered` where none failed. */
  readonly seen: string;
  /** Whether every other field has its value. */
  readonly siblings: boolean;
  /** What is wrong beyond that. */
  readonly complaints: readonly string[];
};

export type Fault = {
  readonly name: string;
  /** Fields of the failing source; the sibling is asked in the same operation. Mutations have none. */
  readonly fields: string;
  readonly kind?: 'query' | 'mutation';
  /** Folder of the world's sources, from the root of the repository; the library without it. */
  readonly world?: string;
  readonly expected: string;
  /** Fewest and most requests that failing sources may receive. */
  readonly calls: readonly [number, number];
  readonly policies?: Partial<Record<SourceName, Readonly<Record<string, unknown>>>>;
  readonly upstreams?: Partial<Record<SourceName, () => Promise<FaultyUpstream>>>;
  /** What gateway.yaml holds. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Headers of the client's request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Addresses in place of the upstreams' own. */
  readonly endpoints?: Partial<Record<SourceName, string>>;
  /** Where answers of calls are kept; in the memory of the source without it. */
  readonly store?: CacheStore;
  /** Asks in another way than one operation in process; it can be asked again in the same world. */
  readonly ask?: (world: FaultyWorld) => Promise<Outcome>;
  /** What else is wrong with the answer. */
  readonly check?: (answer: Answer, world: FaultyWorld) => string[];
  /** How often it happens where memory is measured, if not as often as others. */
  readonly memory?: Repetition;
};

/** How often a fault happens again in a round. */
export type Repetition = {
  readonly operations?: number;
  /** Operations under way at a time. */
  readonly together?: number;
  /** Failures of one operation. */
  readonly failures?: number;
  /** What each failure may leave. */
  readonly bytes?: number;
  /** What it may end with later, beside what is expected: an address is left out by then, or a budget spent. */
  readonly codes?: readonly string[];
};

/** Stands in everything a failing upstream says; no client may ever read it. */
export const PRIVATE = 'told-by-the-upstream';

const SIBLING = 'sibling: listPosts { title }';
const STOCK = ['GetStock', 'BatchGetStock', 'Close'].map((method) => `/library.v1.StockService/${method}`);
/** A `Stock` whose `sku` (field 2) is `s`. */
export const STOCK_MESSAGE = Buffer.from([0x12, 1, 0x73]);

export const rest = (behave: RestBehaviour) => () => startFaultyRest(behave);
export const grpc = (behave: GrpcBehaviour) => () => startFaultyGrpc(STOCK, behave);

/** The whole operation: the sibling is asked in it, if it is a query. */
export function documentOf({ kind, fields }: Pick<Fault, 'kind' | 'fields'>): string {
  return kind === 'mutation' ? `mutation { ${fields} }` : `{ ${fields} ${SIBLING} }`;
}

/** Upstreams that do as their contracts say. */
export const healthy: Readonly<Record<SourceName, () => Promise<FaultyUpstream>>> = {
  people: rest((_request, response) => sendJson(response, 200, { id: 'p1' })),
  stock: grpc((_call, reply) => reply(null, STOCK_MESSAGE)),
  ratings: rest((_request, response) => sendJson(response, 200, { data: { bestRating: { stars: 5, comment: null } } })),
  posts: rest((_request, response) => sendJson(response, 200, [{ id: 1, title: 'sibling' }])),
};

export function sendJson(
  response: Parameters<RestBehaviour>[1],
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
