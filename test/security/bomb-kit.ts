/** What bombs are made of, and what they are sent to. */
import type { ErrorCode } from '../../gateway/errors.ts';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import { type KitApp, startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';

export type Bomb = {
  readonly title: string;
  readonly code: ErrorCode;
  /** What is sent; `n` makes it another one each time, so that nothing is answered from a cache. */
  readonly request: (n: number) => Request;
  /** Of its answer. */
  readonly status?: number;
};

export const many = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => of(index)).join(' ');

const call = '@httpOperation(subgraph: "a", path: "/", httpMethod: "GET")';

/**
 * A schema: what is looked up in it by a wrong name is looked up among all of its names.
 *
 * @param size how many types it has
 */
function bombSchema(size: number) {
  const types = many(
    size,
    (n) =>
      `type Thing${n} { id: ID name: String next: Thing${n} other: Thing${(n + 1) % size} list(limit: Int): [Thing${n}] }`,
  );
  const roots = many(
    size / 4,
    (n) =>
      `thing${n}(id: ID, filter: Filter): Thing${n} ${call} things${n}(limit: Int, ids: [ID!]): [Thing${n}] ${call}`,
  );
  return makeSchema(
    `${WIRE_DIRECTIVES} extend schema @transport(subgraph: "a", kind: "rest")
     type Query { me: Person ${call} people(limit: Int, ids: [Int!], filter: Filter): [Person!] ${call} ${roots} } type Mutation { write: Int }
     type Person implements Node { id: ID name(long: Boolean): String state: State friend: Person friends(limit: Int): [Person!] }
     interface Node { id: ID } enum State { ACTIVE LEFT } input Filter { name: String state: State and: [Filter!] not: Filter } ${types}`,
  );
}

export function startBombed(size: number, settings: Record<string, unknown> = {}): KitApp {
  return startApp(makeSupply(makeGeneration('g', bombSchema(size))), { batching: { max: 10 }, ...settings });
}

const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };

export function post(body: unknown, more: Record<string, string> = {}): Request {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Request('http://gateway.test/graphql', { method: 'POST', headers: { ...headers, ...more }, body: text });
}

/** A bomb that is a document, with its variables. */
export function query(title: string, code: ErrorCode, text: string, variables?: Record<string, unknown>): Bomb {
  return { title, code, request: (n) => post({ query: `${text} #${n}`, ...(variables && { variables }) }) };
}
