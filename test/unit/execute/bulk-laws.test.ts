/** Laws of bulk calls, through the executor and the rules about calls, over a transport that answers when it is told to. */
import fc from 'fast-check';
import { buildSchema, execute, type GraphQLSchema, parse } from 'graphql';
import { expect, it } from 'vitest';
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
const SIZE = 3;
const SDL = `${WIRE_DIRECTIVES} extend schema @transport(subgraph: "s", kind: "rest")
  type Query { parents(of: String): [Parent!]! ${CALL} rows(keys: [String!]): [Row!] ${CALL} }
  type Row @source(subgraph: "s") { key: String of: String }
  type Parent @source(subgraph: "s") { key: String
    row: Row @resolveTo(sourceName: "s", sourceFieldName: "rows", keyField: "key", keysArg: "keys", valueKeyField: "key", batchSize: ${SIZE}) }`;
const DOCUMENT = parse('query ($of: String) { parents(of: $of) { key row { key of } } }');

/** One request: who makes it, and the keys of its parents. */
type Asking = { who: string; keys: string[] };

type Sent = { who: string; keys: string[]; answer: () => void };

/** The gateway's inside over a source whose rows say for whom they were fetched. */
function serve({
  isForwarded,
  isKept,
  isShared = true,
}: {
  isForwarded: boolean;
  isKept: boolean;
  isShared?: boolean;
}) {
  const schema: GraphQLSchema = buildSchema(SDL, { assumeValidSDL: true });
  const sent: Sent[] = [];
  const asked: Asking[] = [];
  const transport: Connector = {
    source: 's',
    kind: 'rest',
    // As connectors do whose credential is the client's own; else the header stands among those that are sent on.
    ...(!isForwarded && { keyOf: (call: Call) => argumentsKey(call, ({ headers }) => new Map(headers)) }),
    call: ({ operation, args, headers }: Call): Promise<CallResult> => {
      const result = (data: unknown): CallResult => ({ data, status: 200, bytes: 1 });
      if (operation === 'parents') {
        return Promise.resolve(result(asked[Number(args['of'])]?.keys.map((key) => ({ key }))));
      }
      const who = headers.get('authorization') ?? '';
      const keys = args['keys'] as string[];
      return new Promise((resolve) => {
        // Backwards, with a stranger: never by position. Keys that begin with 0 have no row.
        const rows = [...keys].reverse().filter((key) => !key.startsWith('0'));
        const data = [{ key: 'stranger', of: who }, ...rows.map((key) => ({ key, of: who }))];
        sent.push({ who, keys, answer: () => resolve(result(data)) });
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
    ...(isKept && { operations: { rows: { cache: { maxAgeMs: 60_000 } } } }),
  });
  const options = { ...optionsOf({ sdl: 'type Query { a: Int }' }), operations, policy };
  const trace = createTraceRule({ now: Date.now, record: (record, call) => call.record?.(record) });
  const connector = surround(transport, options, [trace]);
  attachResolvers(schema, readModel(schema), { perform: createPerform(new Map([['s', connector]]), () => undefined) });
  const calls: CallRecord[] = [];
  const ask = (asking: Asking) => {
    const of = String(asked.push(asking) - 1);
    const contextValue = {
      requestId: of,
      headers: new Map([['authorization', asking.who]]),
      deadline: Date.now() + 60_000,
      signal: new AbortController().signal,
      calls,
    } as unknown as RequestContext;
    return execute({ schema, document: DOCUMENT, contextValue, variableValues: { of } });
  };
  return { ask, sent, calls };
}

/** What a request has to be answered: its own principal's rows, at the parents with their key. */
function answerTo({ who, keys }: Asking): object {
  return { data: { parents: keys.map((key) => ({ key, row: key.startsWith('0') ? null : { key, of: who } })) } };
}

const principal = fc.constantFrom('Bearer a', 'Bearer b', 'Bearer c', 'Bearer d');
const keyList = fc.array(
  fc.integer({ min: 0, max: 12 }).map((n) => (n < 3 ? `0${n}` : String(n))),
  { maxLength: 14 },
);
const chunks = (keys: readonly string[]): number => Math.ceil(new Set(keys).size / SIZE);

async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function flatOf(sent: readonly Sent[], who: string): string[] {
  return sent.filter((call) => call.who === who).flatMap(({ keys }) => keys);
}

it('no call carries keys of two principals, each row finds the parent with its key, and calls are as few as can be', async () => {
  const askings = fc.uniqueArray(fc.record({ who: principal, keys: keyList }), {
    selector: ({ who }) => who,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(
      askings,
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      async (requests, isForwarded, isKept, isShared) => {
        const { ask, sent, calls } = serve({ isForwarded, isKept, isShared });
        const answers = requests.map(ask);
        await settle();
        for (const { answer } of sent) answer();
        expect(await Promise.all(answers)).toEqual(requests.map(answerTo));
        for (const { who, keys } of requests) {
          expect(flatOf(sent, who).sort()).toEqual([...new Set(keys)].sort());
          expect(sent.filter((call) => call.who === who)).toHaveLength(chunks(keys));
        }
        expect(sent.every(({ keys }) => keys.length <= SIZE)).toBe(true);
        // The stranger of each call.
        expect(calls.reduce((sum, { unrequested = 0 }) => sum + unrequested, 0)).toBe(sent.length);
      },
    ),
    { numRuns: 100 },
  );
});

it('holds for many requests of each principal, whenever they come and answers do: a key under way or kept is not asked for again', async () => {
  const event = fc.oneof(
    { weight: 3, arbitrary: fc.record({ who: principal, keys: keyList }) },
    { weight: 2, arbitrary: fc.record({ answer: fc.nat(40) }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 16 }),
      fc.boolean(),
      fc.boolean(),
      async (events, isForwarded, isKept) => {
        const { ask, sent } = serve({ isForwarded, isKept });
        const requests: Asking[] = [];
        const answers: ReturnType<typeof ask>[] = [];
        const done = new Set<Sent>();
        for (const each of events) {
          if ('answer' in each) {
            const call = sent[each.answer];
            if (call) done.add(call);
            call?.answer();
          } else {
            requests.push(each);
            answers.push(ask(each));
          }
          await settle();
          for (const { who } of requests) {
            const open = flatOf(isKept ? sent : sent.filter((call) => !done.has(call)), who);
            expect(new Set(open).size).toBe(open.length);
          }
        }
        for (const { answer } of sent) answer();
        expect(await Promise.all(answers)).toEqual(requests.map(answerTo));
        for (const who of new Set(sent.map((call) => call.who))) {
          const own = requests.filter((request) => request.who === who);
          expect(own.flatMap(({ keys }) => keys)).toEqual(expect.arrayContaining(flatOf(sent, who)));
          const most = own.reduce((sum, { keys }) => sum + chunks(keys), 0);
          expect(sent.filter((call) => call.who === who).length).toBeLessThanOrEqual(most);
        }
      },
    ),
    { numRuns: 100 },
  );
});
