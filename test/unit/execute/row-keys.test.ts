/** Rows of bulk answers belong to who they say, whatever the protocol, and never to who stands where they stand. */
import fc from 'fast-check';
import { buildSchema, type GraphQLObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../gateway/context.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import { keyText } from '../../../gateway/execute/keys.ts';
import { entryText, fetchRows, prepareLookup } from '../../../gateway/execute/lookup-rows.ts';
import { readJoin, readModel } from '../../../gateway/execute/model.ts';
import type { Wanted } from '../../../gateway/execute/perform.ts';
import { ownRows, sortRows } from '../../../gateway/execute/row-keys.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const join = (source: string, field: string, rest: string): string =>
  `@resolveTo(sourceName: "${source}", sourceFieldName: "${field}", keyField: "id", ${rest})`;
const schema = buildSchema(
  `${WIRE_DIRECTIVES}
  extend schema @transport(subgraph: "rest", kind: "rest") @transport(subgraph: "grpc", kind: "grpc") @transport(subgraph: "graphql", kind: "graphql")
  type Query {
    restRows(ids: [String!]): [RestRow] @httpOperation(subgraph: "rest", path: "/", httpMethod: "GET")
    restMap(ids: [String!]): [RestEntry] @httpOperation(subgraph: "rest", path: "/map", httpMethod: "GET") @dictionary(subgraph: "rest")
    grpcRows(input: GrpcInput): GrpcAnswer @grpcMethod(subgraph: "grpc", rootJsonName: "r", objPath: "S", methodName: "M", requestType: "A", responseType: "B")
    graphqlRows(ids: [String!]): [GraphqlRow] @graphqlField(subgraph: "graphql", name: "rows", type: "Row")
  }
  input GrpcInput { ids: [String!] }
  type RestRow @source(subgraph: "rest") { id: String name: String }
  type RestEntry @source(subgraph: "rest") { key: String value: Int }
  type GrpcAnswer @source(subgraph: "grpc") { rows: [GrpcRow] byId: [GrpcEntry] @resolveRootField(subgraph: "grpc", field: "by_id") @dictionary(subgraph: "grpc") }
  type GrpcRow @source(subgraph: "grpc") { id: String name: String }
  type GrpcEntry @source(subgraph: "grpc") { key: String value: GrpcRow }
  type GraphqlRow @source(subgraph: "graphql") { id: String name: String }
  type Parent @source(subgraph: "rest") {
    id: String
    rest: RestRow ${join('rest', 'restRows', 'keysArg: "ids", valueKeyField: "id"')}
    restMap: RestEntry ${join('rest', 'restMap', 'keysArg: "ids", valueKeyField: "key"')}
    grpc: GrpcRow ${join('grpc', 'grpcRows', 'keysArg: "input.ids", valueKeyField: "id", result: "rows"')}
    grpcMap: GrpcEntry ${join('grpc', 'grpcRows', 'keysArg: "input.ids", valueKeyField: "key", result: "byId"')}
    graphql: GraphqlRow ${join('graphql', 'graphqlRows', 'keysArg: "ids", valueKeyField: "id"')}
  }`,
  { assumeValidSDL: true },
);

/** The rows that keys `a` and `b` get of an answer, asked for in one call. */
async function rowsOf(name: string, answer: unknown) {
  const field = (schema.getType('Parent') as GraphQLObjectType).getFields()[name];
  const lookup = field && readJoin(field);
  if (!lookup) throw new Error('no join');
  const asked: Wanted[] = [];
  const found = await fetchRows(
    { context: {} as RequestContext, coordinate: `Parent.${name}`, variables: {} },
    [
      { key: ['a'], piece: undefined },
      { key: ['b'], piece: undefined },
    ],
    {
      lookup,
      prepared: prepareLookup(readModel(schema), lookup),
      perform: async (_context, wanted) => {
        asked.push(wanted);
        return answer;
      },
      args: {},
      group: { id: 1, batchSize: 10 } as never,
    },
  );
  expect(asked).toHaveLength(1);
  return found;
}

/** How each kind of answer says its rows; a row without a key is undefined. */
const FORMS: [join: string, field: string, key: string, form: (rows: object[]) => unknown][] = [
  ['rest', 'restRows', 'id', (rows) => rows],
  ['grpc', 'grpcRows', 'id', (rows) => ({ rows, by_id: {} })],
  ['graphql', 'graphqlRows', 'id', (rows) => rows.map(({ id, ...rest }: { id?: string }) => ({ _k_id: id, ...rest }))],
];

describe.each(FORMS)('rows of a bulk answer: %s', (name, coordinate, key, form) => {
  it('find their parents by key, and those without one find nobody', async () => {
    const all = await rowsOf(name, form([{ name: 'of nobody' }, { id: 'b', name: 'B' }, { id: 'c', name: 'C' }]));
    expect(all).toMatchObject([[], [{ name: 'B' }]]);
  });

  it('are an error of every key when none of them says whose it is, and no guess', async () => {
    const fault = {
      code: 'UPSTREAM_BAD_PAYLOAD',
      message: `No row of Query.${coordinate} says whose it is: ${key} is missing in all of them.`,
    };
    expect(await rowsOf(name, form([{ name: 'A' }, { name: 'B' }]))).toMatchObject([fault, fault]);
  });

  it('that are empty are none', async () => {
    expect(await rowsOf(name, form([{}, { name: undefined }]))).toEqual([[], []]);
    expect(await rowsOf(name, form([]))).toEqual([[], []]);
  });
});

it('of a map on the wire are its entries', async () => {
  expect(await rowsOf('restMap', { b: 2, c: 3 })).toEqual([[], [{ key: 'b', value: 2 }]]);
  const answer = { by_id: { b: { id: 'b', name: 'B' }, a: { id: 'a', name: 'A' } } };
  expect(await rowsOf('grpcMap', answer)).toMatchObject([[{ value: { name: 'A' } }], [{ value: { name: 'B' } }]]);
});

const keys = {
  ...{ source: 's', coordinate: 'Query.rows', rowKeyNames: 'id' },
  rowKeys: [(value: unknown) => (value as { id?: unknown }).id],
};

it('each row goes to the keys that it says and to no other, and is an error only where nothing says anything', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'x');
  const row = fc.record(
    { id: fc.oneof(key, fc.array(key, { maxLength: 3 }), fc.constant(null)), n: fc.nat(9) },
    { requiredKeys: [] },
  );
  const wanted = new Set(['a', 'b', 'c']);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const { rows: found, unrequested } = sortRows(rows, wanted, keys);
      const saidBy = ({ id }: (typeof rows)[number]): string[] =>
        (Array.isArray(id) ? id : [id ?? []]).flat().map((part) => keyText([part]));
      const isMute = rows.every(({ id }) => id === undefined || id === null);
      for (const each of wanted) {
        const own = found.get(each);
        if (own instanceof Error) expect([own instanceof GatewayError, isMute]).toEqual([true, true]);
        else expect(own ?? []).toEqual(rows.filter((one) => saidBy(one).includes(each)));
      }
      expect([...found.values()].some((own) => own instanceof Error)).toBe(
        isMute && rows.some(({ n }) => n !== undefined),
      );
      expect(unrequested).toBe(rows.filter((one) => !saidBy(one).some((said) => wanted.has(said))).length);
      expect([...found.keys()].every((each) => wanted.has(each))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

describe('a row whose key is written in other capitals', () => {
  const sorted = (wanted: string[], ids: (string | string[])[]) => {
    const { rows, unrequested } = sortRows(
      ids.map((id) => ({ id })),
      new Set(wanted),
      keys,
    );
    const said = [...rows].map(([key, own]) => [
      key,
      own instanceof Error ? own : own.map((row) => (row as { id: unknown }).id),
    ]);
    return { rows: Object.fromEntries(said), unrequested };
  };

  it.each([
    ['belongs to the one key that is written alike', ['Ab', 'c'], ['AB', 'c'], { Ab: ['AB'], c: ['c'] }, 0],
    ['belongs there with all its like', ['ab'], ['AB', 'Ab', 'x'], { ab: ['AB', 'Ab'] }, 1],
    ['is nobody\u2019s where that key has rows of its own', ['a', 'b'], ['a', 'A'], { a: ['a'] }, 1],
    ['is nobody\u2019s where that row comes after it', ['a', 'b'], ['A', 'a'], { a: ['a'] }, 1],
    ['is nobody\u2019s where two keys are written alike', ['ab', 'AB'], ['Ab'], {}, 1],
    ['is never of the one when the other was asked for too', ['a', 'A'], ['a'], { a: ['a'] }, 0],
    [
      'is told from others that it says',
      ['a', 'b', 'c'],
      [
        ['a', 'B', 'X'],
        ['C', 'c'],
      ],
      { a: [['a', 'B', 'X']], b: [['a', 'B', 'X']], c: [['C', 'c']] },
      0,
    ],
    ['is given once, however often it says so', ['ab'], [['AB', 'Ab']], { ab: [['AB', 'Ab']] }, 0],
  ])('%s', (_what, wanted, ids, rows, unrequested) => {
    expect(sorted(wanted, ids as (string | string[])[])).toEqual({ rows, unrequested });
  });

  it('is judged alike whether its key was asked for alone or with others', () => {
    const id = fc.constantFrom('ab', 'Ab', 'AB', 'x');
    fc.assert(
      fc.property(fc.constantFrom('ab', 'AB'), fc.array(fc.record({ id }), { maxLength: 4 }), (wanted, rows) => {
        const { rows: found } = sortRows(rows, new Set([wanted, 'other']), keys);
        expect(found.get(wanted) ?? []).toEqual(ownRows(rows, wanted, keys));
      }),
    );
  });
});

it('entries of a batch have one name exactly when one lookup answers them alike', () => {
  const text = fc.string({ unit: fc.constantFrom(' ', '1', '3', 'x', '"', '[', ','), maxLength: 4 });
  const entry = fc.record({ key: fc.array(text, { minLength: 1, maxLength: 2 }), piece: text });
  const nameOf = ({ key, piece }: { key: string[]; piece: string }): string =>
    entryText({ key, piece: { text: piece, variables: new Map() } });
  fc.assert(
    fc.property(entry, entry, (one, two) => {
      const isSame = keyText(one.key) === keyText(two.key) && one.piece === two.piece;
      expect(nameOf(one) === nameOf(two)).toBe(isSame);
    }),
    {
      examples: [
        [
          { key: ['x id'], piece: 'name' },
          { key: ['x'], piece: 'id name' },
        ],
      ],
    },
  );
  expect(entryText({ key: ['x id'], piece: undefined })).toBe('x id');
});
