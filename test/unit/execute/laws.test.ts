/** Laws of execution: rows find their parents by key, integers keep their range, enums their wire values. */
import fc from 'fast-check';
import { buildSchema, execute, GraphQLScalarType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../gateway/context.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import { attachResolvers } from '../../../gateway/execute/attach.ts';
import { attachEnums } from '../../../gateway/execute/enums.ts';
import { readModel } from '../../../gateway/execute/model.ts';
import type { Wanted } from '../../../gateway/execute/perform.ts';
import { attachScalars } from '../../../gateway/execute/scalars.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const context = (): RequestContext => ({ execution: undefined }) as unknown as RequestContext;

function serve(sdl: string, answer: (wanted: Wanted) => unknown) {
  const schema = attachEnums(
    buildSchema(`${WIRE_DIRECTIVES} extend schema @transport(subgraph: "s", kind: "rest") ${sdl}`, {
      assumeValidSDL: true,
    }),
  );
  attachScalars(schema);
  const calls: Wanted[] = [];
  attachResolvers(schema, readModel(schema), {
    perform: async (_context, wanted) => {
      calls.push(wanted);
      return answer(wanted);
    },
  });
  const ask = async (query: string, variableValues: Record<string, unknown> = {}) => {
    calls.length = 0;
    return execute({ schema, document: parse(query), contextValue: context(), variableValues });
  };
  return { ask, calls };
}

const CALL = '@httpOperation(subgraph: "s", path: "/", httpMethod: "GET")';

describe('rows of a bulk answer', () => {
  const sdl = `type Query { parents: [Parent!]! ${CALL} rows(keys: [String!]): [Row!] ${CALL} }
    type Row @source(subgraph: "s") { key: JSON n: Int! } scalar JSON
    type Parent @source(subgraph: "s") { key: JSON
      many: [Row!]! @resolveTo(sourceName: "s", sourceFieldName: "rows", keyField: "key", keysArg: "keys", valueKeyField: "key", batchSize: 3)
      one: Row @resolveTo(sourceName: "s", sourceFieldName: "rows", keyField: "key", keysArg: "keys", valueKeyField: "key", batchSize: 3) }`;
  const key = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }).map(String), fc.constant(null));

  it('come to exactly the parents that have their key, whatever order, repetition, omission or stranger there is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 12 }), fc.array(key, { maxLength: 20 }), async (parents, keys) => {
        const rows = keys.map((rowKey, n) => ({ key: rowKey, n }));
        const { ask, calls } = serve(sdl, ({ operation }) =>
          operation === 'parents' ? parents.map((each) => ({ key: each })) : rows,
        );
        const { data, errors } = await ask('{ parents { many { n } one { n } } }');
        // Rows that do not say whose they are are nobody's; where all are, that is an error.
        if (rows.length > 0 && keys.every((each) => each === null) && parents.some((each) => each !== null)) {
          expect(new Set(errors?.map(({ message }) => message))).toEqual(
            new Set(['No row of Query.rows says whose it is: key is missing in all of them.']),
          );
          return;
        }
        expect(errors).toBeUndefined();
        const expected = parents.map((parent) => {
          const own = rows.filter((row) => parent !== null && row.key !== null && String(row.key) === String(parent));
          return { many: own.map(({ n }) => ({ n })), one: own[0] ? { n: own[0].n } : null };
        });
        expect(data).toEqual({ parents: expected });
        const sent = calls.filter(({ operation }) => operation === 'rows').map(({ args }) => args['keys'] as string[]);
        expect(sent.flat().sort()).toEqual([...new Set(parents.filter((each) => each !== null).map(String))].sort());
        expect(sent.every((chunk) => chunk.length <= 3)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('Int64', () => {
  const { ask } = serve(`scalar Int64 type Query { same(n: Int64): Int64 ${CALL} }`, ({ args }) => args['n']);
  const inside = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const outside = fc.oneof(
    fc.bigInt({ min: 2n ** 63n, max: 2n ** 80n }),
    fc.bigInt({ min: -(2n ** 80n), max: -(2n ** 63n) - 1n }),
  );

  it('takes every 64-bit integer as literal and as text, and gives it back as text', async () => {
    await fc.assert(
      fc.asyncProperty(inside, async (n) => {
        for (const literal of [String(n), `"${n}"`]) {
          expect(await ask(`{ same(n: ${literal}) }`)).toEqual({ data: { same: String(n) } });
        }
      }),
    );
  });

  it('refuses every other', async () => {
    const wrong = fc.oneof(outside.map(String), fc.constantFrom('1.5', '""', '"1e3"', '"x"', 'true', '" 1"'));
    await fc.assert(
      fc.asyncProperty(wrong, async (literal) => {
        const { data, errors } = await ask(`query ($n: Int64) { same(n: $n) }`, {
          n: JSON.parse(literal.replace(/^-?\d+$/, '"$&"')),
        });
        expect(data).toBeUndefined();
        expect(errors?.[0]?.message).toContain('Int64 takes an integer from');
      }),
    );
  });

  it('is a fault of the source when its answer is none', async () => {
    const bad = serve(`scalar Int64 type Query { n: Int64 ${CALL} m: Int ${CALL} }`, ({ operation }) =>
      operation === 'n' ? 1.5 : 1,
    );
    const { data, errors } = await bad.ask('{ n m }');
    expect(data).toEqual({ n: null, m: 1 });
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'UPSTREAM_BAD_PAYLOAD' });
    expect(new GraphQLScalarType({ name: 'Int64' }).serialize(1.5)).toBe(1.5);
  });
});

describe('enums', () => {
  it('go to the wire and come back by their wire values: answers, arguments, inputs, lists, variables and defaults', async () => {
    const sdl = `enum State { IN_TRANSIT @enum(subgraph: "s", value: "\\"in-transit\\"") OK }
      input Filter { state: State = IN_TRANSIT states: [State!] }
      type Query { find(state: State = IN_TRANSIT, filter: Filter = { states: [OK, IN_TRANSIT] }): [State!] ${CALL} }`;
    const { ask, calls } = serve(sdl, () => ['in-transit', 'OK']);
    expect(await ask('{ find }')).toEqual({ data: { find: ['IN_TRANSIT', 'OK'] } });
    expect(calls[0]?.args).toEqual({
      state: 'in-transit',
      filter: { states: ['OK', 'in-transit'], state: 'in-transit' },
    });
    await ask('query ($s: State) { find(state: $s, filter: { states: [$s] }) }', { s: 'IN_TRANSIT' });
    expect(calls[0]?.args).toEqual({ state: 'in-transit', filter: { states: ['in-transit'], state: 'in-transit' } });
  });
});

describe('a key that is none', () => {
  const sdl = `type Query { parents: [Parent!]! ${CALL} rows(keys: [Int!]): [Row!] ${CALL} }
    type Row @source(subgraph: "s") { key: Int n: Int } scalar JSON
    type Parent @source(subgraph: "s") { key: JSON row: Row
      @resolveTo(sourceName: "s", sourceFieldName: "rows", keyField: "key", keysArg: "keys", valueKeyField: "key") }`;

  it('is not sent, and spoils no call: what is no number where one is wanted, an object, a field that failed', async () => {
    const keys = [7, 'abc', { id: 1 }, new GatewayError('UPSTREAM_FAILED', { source: 's' })];
    const { ask, calls } = serve(sdl, ({ operation }) =>
      operation === 'parents' ? keys.map((key) => ({ key })) : [{ key: 7, n: 1 }],
    );
    const { data, errors } = await ask('{ parents { row { n } } }');
    expect(data).toEqual({ parents: [{ row: { n: 1 } }, { row: null }, { row: null }, { row: null }] });
    expect(errors?.map(({ path }) => path)).toEqual([['parents', 3, 'row']]);
    expect(calls.at(-1)?.args).toEqual({ keys: [7] });
  });

  it('is told of a row whose key failed, to every key without a row', async () => {
    const failed = new GatewayError('UPSTREAM_FAILED', { source: 's' });
    const { ask } = serve(sdl, ({ operation }) =>
      operation === 'parents'
        ? [{ key: 1 }, { key: 2 }]
        : [
            { key: 1, n: 1 },
            { key: failed, n: 2 },
          ],
    );
    const { data, errors } = await ask('{ parents { row { n } } }');
    expect(data).toEqual({ parents: [{ row: { n: 1 } }, { row: null }] });
    expect(errors?.map(({ path }) => path)).toEqual([['parents', 1, 'row']]);
  });
});
