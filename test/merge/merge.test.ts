/** Types shared by two sources: every pair of REST, gRPC and GraphQL, with real upstreams. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openWorld, type World } from './services.ts';
import { graphSource, grpcSource, idsOf, knows, listing, OWNERS, type Owner, restSource, row } from './shared-types.ts';

const JOINS = `
extend type Apple {
  labels: [Label!]
    @resolveTo(sourceName: "labels", sourceFieldName: "labels", keyField: "tagApple", keysArg: "tags", valueKeyField: "tag")
}
extend type Birch {
  labels: [Label!]
    @resolveTo(sourceName: "labels", sourceFieldName: "labels", keyField: "tagBirch", keysArg: "tags", valueKeyField: "tag")
}
extend type Cedar {
  labels: [Label!]
    @resolveTo(sourceName: "labels", sourceFieldName: "labels", keyField: "tagCedar", keysArg: "tags", valueKeyField: "tag")
}
extend type Label {
  apple: Apple
    @resolveTo(sourceName: "rest", sourceFieldName: "restAppleByIds", keyField: "id", keysArg: "ids", valueKeyField: "id")
  birch: Birch
    @resolveTo(sourceName: "graph", sourceFieldName: "graphBirchByKeys", keyField: "id", keysArg: "keys", valueKeyField: "id")
  cedar: Cedar
    @resolveTo(sourceName: "grpc", sourceFieldName: "getGrpcCedarByIds", keyField: "id", keysArg: "input.ids", valueKeyField: "id", result: "rows")
}`;

const labels = `type Label { id: ID! tag: String! text: String! } type Query { labels(tags: [String!]!): [Label!]! allLabels: [Label!]! }`;

vi.setConfig({ hookTimeout: 180_000 });

let world: World;
beforeAll(async () => {
  world = await openWorld({
    rest: restSource('rest'),
    grpc: grpcSource(),
    graph: graphSource(),
    rest2: restSource('rest2'),
    labels: {
      kind: 'graphql',
      contract: labels,
      joins: JOINS,
      handlers: {
        allLabels: () => ['2', '1', '3'].map((id) => ({ id, tag: `tag-${id}`, text: `label ${id}` })),
        labels: ({ tags }) =>
          (tags as string[]).toReversed().map((tag) => ({ id: tag.slice(4), tag, text: `label of ${tag}` })),
      },
    },
  });
});
afterAll(() => world?.close());

const PAIRS = Object.entries(OWNERS).flatMap(([type, [a, b]]) => [
  { type, from: a, to: b },
  { type, from: b, to: a },
]);

function at(data: unknown, path: readonly string[]): unknown {
  return path.reduce((value, name) => (value as Record<string, unknown>)[name], data);
}

/** The answer that a row of `from` must give for `{ id?, own, theirs, again, detail }`. */
function expected(type: string, from: Owner, to: Owner, id: string): Record<string, unknown> {
  const theirs = knows(to, id) ? row(to, type, id) : {};
  const note = theirs[`${to}Note`] ?? null;
  return {
    [`${from}Note`]: row(from, type, id)[`${from}Note`],
    [`${to}Note`]: note,
    again: note,
    [`${to}Detail`]: theirs[`${to}Detail`] ?? null,
  };
}

describe.each(PAIRS)('$type: $from → $to', ({ type, from, to }) => {
  const { open, close, all, byIds, at: path } = listing(from, type);
  const lookup = listing(to, type).byIds;
  const fields = `${from}Note ${to}Note again: ${to}Note ${to}Detail { text }`;

  it.each([
    ['selected', 'id', (id: string) => ({ id })],
    ['selected under an alias', 'key: id', (id: string) => ({ key: id })],
    ['not selected', '', () => ({})],
  ])('unites fields of both sides by key, one lookup for all parents; key %s', async (_title, key, keyed) => {
    const { data, errors, calls } = await world.ask(`{ ${open} ${key} ${fields} ${close} }`);
    expect(errors).toBeUndefined();
    expect(at(data, path)).toEqual(idsOf(from).map((id) => ({ ...keyed(id), ...expected(type, from, to, id) })));
    expect(calls).toEqual([`${from} ${all}`, `${to} ${lookup}`].sort());
    const [sent] = Object.values(world.lastArgs(to, lookup) ?? {});
    expect(sent).toEqual(idsOf(from));
  });

  it('asks nothing more for what the first source owns', async () => {
    const { data, errors, calls } = await world.ask(`{ ${open} id ${from}Note ${close} }`);
    expect(errors).toBeUndefined();
    expect(at(data, path)).toEqual(
      idsOf(from).map((id) => ({ id, [`${from}Note`]: row(from, type, id)[`${from}Note`] })),
    );
    expect(calls).toEqual([`${from} ${all}`]);
  });

  it('works in fragments, beside __typename', async () => {
    const { data, errors } = await world.ask(
      `{ ${open} ...F ... on ${type} { ${from}Note } ${close} } fragment F on ${type} { __typename ${to}Note }`,
    );
    expect(errors).toBeUndefined();
    expect(at(data, path)).toEqual(
      idsOf(from).map((id) => {
        const { again: _again, [`${to}Detail`]: _detail, ...rest } = expected(type, from, to, id);
        return { __typename: type, ...rest };
      }),
    );
    expect(byIds).not.toBe(lookup);
  });
});

describe('shared types and joins', () => {
  it('reaches a shared type through a join and completes it from the other source', async () => {
    const { data, errors, calls } = await world.ask(
      `{ allLabels { apple { restNote grpcNote } birch { graphNote restNote } cedar { grpcNote graphNote } } }`,
    );
    expect(errors).toBeUndefined();
    const one = (id: string, rest: boolean): unknown => ({
      apple: rest ? { restNote: `rest Apple ${id}`, grpcNote: id === '3' ? null : `grpc Apple ${id}` } : null,
      birch: id === '3' ? null : { graphNote: `graph Birch ${id}`, restNote: `rest Birch ${id}` },
      cedar: id === '3' ? null : { grpcNote: `grpc Cedar ${id}`, graphNote: `graph Cedar ${id}` },
    });
    expect(data).toEqual({ allLabels: [one('2', true), one('1', true), one('3', true)] });
    expect(calls).toEqual(
      [
        'labels allLabels',
        'rest restAppleByIds',
        'grpc GetGrpcAppleByIds',
        'graph graphBirchByKeys',
        'rest restBirchByIds',
        'grpc GetGrpcCedarByIds',
        'graph graphCedarByKeys',
      ].sort(),
    );
  });

  it.each([
    { type: 'Apple', from: 'grpc', owner: 'rest' },
    { type: 'Birch', from: 'graph', owner: 'rest' },
    { type: 'Cedar', from: 'graph', owner: 'grpc' },
  ] as const)(
    'reads the key of a join on $type from $owner when the parent is of $from',
    async ({ type, from, owner }) => {
      const { open, close, all, at: path } = listing(from, type);
      const { data, errors, calls } = await world.ask(`{ ${open} ${from}Note labels { text } ${close} }`);
      expect(errors).toBeUndefined();
      expect(at(data, path)).toEqual(
        idsOf(from).map((id) => ({
          [`${from}Note`]: `${from} ${type} ${id}`,
          labels: knows(owner, id) ? [{ text: `label of tag-${id}` }] : [],
        })),
      );
      expect(calls).toEqual([`${from} ${all}`, 'labels labels', `${owner} ${listing(owner, type).byIds}`].sort());
    },
  );

  it('passes arguments of a field to the GraphQL source that owns it, in one call with the plain field', async () => {
    const { data, errors, calls } = await world.ask(
      `query ($yes: Boolean = true) { restBirchAll { id loud: graphNote(upper: $yes) graphNote } }`,
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      restBirchAll: [
        { id: '1', loud: 'GRAPH BIRCH 1', graphNote: 'graph Birch 1' },
        { id: '2', loud: 'GRAPH BIRCH 2', graphNote: 'graph Birch 2' },
        { id: '3', loud: null, graphNote: null },
      ],
    });
    expect(calls).toEqual(['graph graphBirchByKeys', 'rest restBirchAll']);
  });

  it('shows clients one type with the fields of both sources and no word of where they come from', () => {
    expect(world.publicSdl).toMatch(/type Apple \{\n {2}id: String!?\n/);
    expect(world.publicSdl).not.toMatch(/@(source|merge|resolveTo|httpOperation|grpcMethod|graphqlField|transport)/);
    expect(world.publicSdl).not.toContain('127.0.0.1');
  });
});
