/** What laws of bulk calls share: the executor and the rules about calls, over a transport that answers when it is told to. */
import fc from 'fast-check';
import { buildASTSchema, execute, type GraphQLSchema, parse } from 'graphql';
import { policySchema } from '../../../gateway/config/policy.ts';
import { createTraceRule } from '../../../gateway/connect/chain/trace.ts';
import type { Call, CallResult, Connector, ConnectorOperation } from '../../../gateway/connect/connector.ts';
import { argumentsKey } from '../../../gateway/connect/key.ts';
import { surround } from '../../../gateway/connect/open.ts';
import type { CallRecord, RequestContext } from '../../../gateway/context.ts';
import { attachResolvers } from '../../../gateway/execute/attach.ts';
import { readModel } from '../../../gateway/execute/model.ts';
import { createPerform } from '../../../gateway/execute/perform.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';
import { optionsOf } from '../connect/kit.ts';

const CALL = '@httpOperation(subgraph: "s", path: "/", httpMethod: "GET")';
export const SIZE = 3;
const SDL = `${WIRE_DIRECTIVES} extend schema @transport(subgraph: "s", kind: "rest")
  type Query { parents(of: String): [Parent!]! ${CALL} rows(keys: [String!]): [Row!] ${CALL} }
  type Row @source(subgraph: "s") { key: String of: String at: String }
  type Parent @source(subgraph: "s") { key: String
    row: Row @resolveTo(sourceName: "s", sourceFieldName: "rows", keyField: "key", keysArg: "keys", valueKeyField: "key", batchSize: ${SIZE}) }`;
const SCHEMA = parse(SDL, { noLocation: true });
const DOCUMENT = parse('query ($of: String) { parents(of: $of) { key row { key of } } }');
const WITH_TIME = parse('query ($of: String) { parents(of: $of) { key row { key of at } } }');

/** Made once: it is the dearest part of a run. */
const OPTIONS = optionsOf({ sdl: 'type Query { a: Int }' });

import type { Abortable } from '../../../gateway/lib/ending.ts';
/** One request: who makes it, and the keys of its parents. */
export type Asking = { who: string; keys: string[]; leftMs?: number };

export type Sent = { who: string; keys: string[]; at: number; signal: Abortable; answer: () => void };

/** The gateway's inside over a source whose rows say for whom they were fetched, and when they were asked for. */
export function serve({
  isForwarded,
  isKept,
  isShared = true,
  keptMs = 60_000,
}: {
  isForwarded: boolean;
  isKept: boolean;
  isShared?: boolean;
  keptMs?: number;
}) {
  const schema: GraphQLSchema = buildASTSchema(SCHEMA, { assumeValidSDL: true });
  const sent: Sent[] = [];
  const asked: Asking[] = [];
  const transport: Connector = {
    source: 's',
    kind: 'rest',
    // As connectors do whose credential is the client's own; else the header stands among those that are sent on.
    ...(!isForwarded && { keyOf: (call: Call) => argumentsKey(call, ({ headers }) => new Map(headers)) }),
    call: ({ operation, args, headers, signal }: Call): Promise<CallResult> => {
      const result = (data: unknown): CallResult => ({ data, status: 200, bytes: 1 });
      if (operation === 'parents') {
        return Promise.resolve(result(asked[Number(args['of'])]?.keys.map((key) => ({ key }))));
      }
      const who = headers.get('authorization') ?? '';
      const keys = args['keys'] as string[];
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        const at = Date.now();
        // Backwards, with a stranger: never by position. Keys that begin with 0 have no row.
        const rows = [...keys].reverse().filter((key) => !key.startsWith('0'));
        const data = [{ key: 'stranger', of: who }, ...rows.map((key) => ({ key, of: who, at: String(at) }))];
        sent.push({ who, keys, at, signal, answer: () => resolve(result(data)) });
      });
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const operations = Object.values(schema.getQueryType()?.getFields() ?? {}).map(
    (field): ConnectorOperation => ({ name: field.name, kind: 'query', field, wire: {} }),
  );
  const policy = policySchema.parse({
    coalesce: isShared,
    ...(isForwarded && { headers: { forward: ['authorization'] } }),
    ...(isKept && { operations: { rows: { cache: { maxAgeMs: keptMs } } } }),
  });
  // Looked up anew: a test may have put its own clock in its place.
  const options = { ...OPTIONS, now: () => Date.now(), operations, policy };
  const trace = createTraceRule({ now: Date.now, record: (record, call) => call.record?.(record) });
  const connector = surround(transport, options, [trace]);
  attachResolvers(schema, readModel(schema), { perform: createPerform(new Map([['s', connector]]), () => undefined) });
  const calls: CallRecord[] = [];
  const ask = (asking: Asking) => {
    const of = String(asked.push(asking) - 1);
    const contextValue = {
      requestId: of,
      headers: new Map([['authorization', asking.who]]),
      deadline: Date.now() + (asking.leftMs ?? 60_000),
      signal: new AbortController().signal,
      calls,
    } as unknown as RequestContext;
    const document = asking.leftMs === undefined ? DOCUMENT : WITH_TIME;
    return execute({ schema, document, contextValue, variableValues: { of } });
  };
  return { ask, sent, calls };
}

/** What a request has to be answered: its own principal's rows, at the parents with their key. */
export function answerTo({ who, keys }: Asking): object {
  return { data: { parents: keys.map((key) => ({ key, row: key.startsWith('0') ? null : { key, of: who } })) } };
}

export const principal = fc.constantFrom('Bearer a', 'Bearer b', 'Bearer c', 'Bearer d');
export const keyList = fc.array(
  fc.integer({ min: 0, max: 12 }).map((n) => (n < 3 ? `0${n}` : String(n))),
  { maxLength: 14 },
);
/** The fewest calls that keys can be asked for in. */
export const chunks = (keys: readonly string[]): number => Math.ceil(new Set(keys).size / SIZE);

export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function flatOf(sent: readonly Sent[], who: string): string[] {
  return sent.filter((call) => call.who === who).flatMap(({ keys }) => keys);
}
