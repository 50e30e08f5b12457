/** Keys go to a source as they are or not at all, and rows of other keys never stand in for them. */
import fc from 'fast-check';
import { buildSchema, type GraphQLInputType } from 'graphql';
import { expect, it } from 'vitest';
import type { RequestContext } from '../../../gateway/context.ts';
import { createKeyTarget } from '../../../gateway/execute/keys.ts';
import { fetchRows, prepareLookup } from '../../../gateway/execute/lookup-rows.ts';
import { readJoin, readModel } from '../../../gateway/execute/model.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const SCALARS = buildSchema(
  'scalar UInt32 type Query { a(int: Int, float: Float, uint: UInt32, id: ID, ints: [Int!]): Int }',
);

function targetOf(name: string) {
  const args = SCALARS.getQueryType()?.getFields()['a']?.args as readonly { name: string; type: GraphQLInputType }[];
  return createKeyTarget(args, [name], []);
}

it.each([
  ['int', 7, 7],
  ['int', '7', 7],
  ['int', '-7', -7],
  ['int', '0x10', undefined],
  ['int', ' ', undefined],
  ['int', ' 7', undefined],
  ['int', '07', undefined],
  ['int', '+7', undefined],
  ['int', '1e3', undefined],
  ['int', '1.5', undefined],
  ['int', 1.5, undefined],
  ['int', true, undefined],
  ['int', '9007199254740993', undefined],
  ['ints', '0x10', undefined],
  ['ints', '16', [16]],
  ['uint', '4294967295', 4294967295],
  ['uint', '4294967296', undefined],
  ['uint', -1, undefined],
  ['float', '1.5', 1.5],
  ['float', 0.1, 0.1],
  ['float', '1.50', undefined],
  ['float', '9007199254740993', undefined],
  ['float', 'Infinity', undefined],
  ['float', 'NaN', undefined],
  ['id', '0x10', '0x10'],
  ['id', 7, '7'],
])('for %s the key %j asks for %j', (name, key, expected) => {
  const target = targetOf(name);
  expect(target.takes([key])).toBe(expected !== undefined);
  if (expected !== undefined) expect(target.place([[key]])).toEqual({ [name]: expected });
});

it('a key that is sent as a number is the same text there', () => {
  const given = fc.oneof(fc.string(), fc.double(), fc.integer().map(String), fc.double().map(String), fc.boolean());
  fc.assert(
    fc.property(given, fc.constantFrom('int', 'float', 'uint'), (key, name) => {
      const target = targetOf(name);
      if (target.takes([key])) expect(String(target.place([[key]])[name])).toBe(String(key));
    }),
    { numRuns: 500 },
  );
});

const CALL = '@httpOperation(subgraph: "s", path: "/", httpMethod: "GET")';
const joined = (rest: string): string =>
  `@resolveTo(sourceName: "s", sourceFieldName: "row", keyField: "id", keysArg: "key" ${rest})`;
const schema = buildSchema(
  `${WIRE_DIRECTIVES} extend schema @transport(subgraph: "s", kind: "rest")
  type Query { row(key: String): Row ${CALL} parent: Parent ${CALL} }
  type Row @source(subgraph: "s") { id: String of: String }
  type Parent @source(subgraph: "s") { id: String
    said: Row ${joined('valueKeyField: "of"')} supposed: Row ${joined('')} }`,
  { assumeValidSDL: true },
);

it.each([
  ['said', { of: 'a' }, 'counts'],
  ['said', { of: 'A' }, 'counts'],
  ['said', { of: 'b' }, 'UPSTREAM_BAD_PAYLOAD'],
  ['said', { of: ['b', 'a'] }, 'counts'],
  ['said', { id: 'b' }, 'counts'],
  ['said', [{ of: 'b' }], 'left out'],
  ['said', [], 'left out'],
  ['supposed', { id: 'b' }, 'counts'],
])('asked for alone, with its key %s, the row %j: %s', async (name, answer, becomes) => {
  const model = readModel(schema);
  const field = fieldOf(name);
  const lookup = field && readJoin(field);
  if (!lookup) throw new Error('no join');
  const [found] = await fetchRows(
    { context: {} as RequestContext, coordinate: `Parent.${name}`, variables: {} },
    [{ key: ['a'], piece: undefined }],
    {
      lookup,
      prepared: prepareLookup(model, lookup),
      perform: async () => answer,
      args: {},
      group: { id: 1, batchSize: undefined } as never,
    },
  );
  if (becomes === 'counts') expect(found).toEqual([answer]);
  else if (becomes === 'left out') expect(found).toEqual([]);
  else {
    expect(found).toMatchObject({ code: becomes, source: 's' });
    expect((found as Error).message).toBe('Query.row was asked for one key and answered a row of another: see of.');
  }
});

function fieldOf(name: string) {
  const type = schema.getType('Parent');
  return type && 'getFields' in type ? (type.getFields()[name] as Parameters<typeof readJoin>[0]) : undefined;
}
