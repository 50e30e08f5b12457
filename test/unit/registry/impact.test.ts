/** What a new schema breaks, by kinds of change, and for whom. */
import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { impactOf } from '../../../gateway/registry/impact.ts';
import { expectSound, type Name, namesOf, recorded, SDL, toRecord } from './impact-kit.ts';

describe('a change', () => {
  it.each<[string, string | RegExp, string, string, string, Name[]]>([
    ['a field is gone', 'email: String pets', 'pets', 'breaking', 'Owner.email', ['owner', 'found']],
    ['a root field is gone', 'node(id: ID!): Node', '', 'breaking', 'Query.node', ['node']],
    [
      'a field may be null',
      'name: String! kind: Kind owner',
      'name: String kind: Kind owner',
      'breaking',
      'Pet.name',
      ['names', 'node'],
    ],
    ['a field is never null', 'kind: Kind owner', 'kind: Kind! owner', 'safe', 'Pet.kind', []],
    ['a field is of another type', '[String!]', '[Int!]', 'breaking', 'Pet.tags', ['tags']],
    ['a list is one', 'pets: [Pet!]', 'pets: Pet', 'breaking', 'Owner.pets', []],
    ['an argument is gone', 'pets(first: Int, ', 'pets(', 'breaking', 'Query.pets.first', ['first']],
    [
      'an argument may be given',
      'pets(first: Int, ',
      'pets(first: Int, last: Int, ',
      'dangerous',
      'Query.pets.last',
      [],
    ],
    [
      'an argument must be given',
      'found(text: String',
      'found(text: String, in: ID!',
      'breaking',
      'Query.found.in',
      ['found'],
    ],
    [
      'an argument that could be given must be',
      'found(text: String',
      'found(text: String!',
      'breaking',
      'Query.found.text',
      ['found'],
    ],
    [
      'an argument is of another type',
      'first: Int, kind',
      'first: String, kind',
      'breaking',
      'Query.pets.first',
      ['first'],
    ],
    ['an argument need not be given', 'pet(id: ID!', 'pet(id: ID', 'safe', 'Query.pet.id', []],
    ['an argument means something else where it is not given', '= 5', '= 6', 'dangerous', 'Pet.tags.first', []],
    [
      'a value of an enum is gone',
      'CAT DOG',
      'DOG',
      'breaking',
      'Kind.CAT',
      ['cats', 'byKind', 'byFilter', 'add', 'addCat'],
    ],
    ['another value is gone', ' FISH', '', 'breaking', 'Kind.FISH', ['byKind', 'byFilter', 'add']],
    ['a value is new', 'FISH', 'FISH BIRD', 'dangerous', 'Kind.BIRD', []],
    [
      'a field of an input is gone',
      'input OwnerFilter { email: String }',
      'input OwnerFilter { mail: String }',
      'breaking',
      'OwnerFilter.email',
      ['filtered', 'byFilter'],
    ],
    [
      'a field of an input must be given',
      'nick: String',
      'nick: String age: Int!',
      'breaking',
      'PetInput.age',
      ['add', 'addCat'],
    ],
    ['a field of an input may be given', 'nick: String', 'nick: String age: Int', 'safe', 'PetInput.age', []],
    [
      'a field of an input that could be given must be',
      'input PetFilter { name: String',
      'input PetFilter { name: String!',
      'breaking',
      'PetFilter.name',
      ['filtered', 'byFilter', 'nothing'],
    ],
    ['a field of an input is of another type', 'nick: String', 'nick: Int', 'breaking', 'PetInput.nick', ['add']],
    [
      'an input takes one field only',
      'input PetFilter',
      'input PetFilter @oneOf',
      'breaking',
      'PetFilter',
      ['filtered', 'byFilter', 'nothing'],
    ],
    ['a member of a union is gone', '= Pet | Owner', '= Pet', 'breaking', 'Found', ['found']],
    ['a member that nobody asks for is gone', '= Pet | Owner', '= Owner', 'breaking', 'Found', []],
    ['an interface is gone from a type', 'Pet implements Node', 'Pet', 'breaking', 'Pet', ['node']],
    [
      'a type is of another kind',
      /union Found = Pet \| Owner/,
      'type Found { id: ID }',
      'breaking',
      'Found',
      ['found'],
    ],
    ['a field is new', 'id: ID! name', 'id: ID! age: Int name', 'safe', 'Pet.age', []],
    ['a field will go', 'email: String pets', 'email: String @deprecated(reason: "x") pets', 'safe', 'Owner.email', []],
    ['a type is described', 'type Owner', '"Who has pets" type Owner', 'safe', 'Owner', []],
  ])('%s', async (_, from, to, level, coordinate, broken) => {
    const after = SDL.replace(from, to);
    expect(after).not.toBe(SDL);
    const impact = await impactOf(SDL, after, recorded);
    expect(impact.changes.map((change) => `${change.level} ${change.coordinate}`)).toContain(`${level} ${coordinate}`);
    expect(namesOf(impact)).toEqual([...broken].sort());
    expectSound(after, impact);
  });

  it('of a type that is gone breaks what uses its fields, and is told once', async () => {
    const after = SDL.replace(/type Mutation .*/, '').replace(/input PetInput .*/, '');
    const impact = await impactOf(SDL, after, recorded);
    expect(impact.counts).toEqual({ breaking: 2, dangerous: 0, safe: 0 });
    expect(namesOf(impact)).toEqual(['add', 'addCat']);
    expect(impact.broken.first[0]).toMatchObject({
      name: 'add',
      count: 1,
      client: 'web',
      at: ['Mutation', 'PetInput'],
    });
  });

  it('of a type that is new is told once, without what it holds', async () => {
    const impact = await impactOf(
      SDL,
      `${SDL} type Shop { "x" id(a: Int): ID @deprecated kind: Level } enum Level { A B }`,
      [],
    );
    expect(impact.changes.map(({ coordinate }) => coordinate)).toEqual(['Level', 'Shop']);
  });
});

it('a schema against itself has no change, in whatever order it is written', async () => {
  const definitions = SDL.split(/\n(?= {2}\w)/).filter((text) => text.trim() !== '');
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(definitions, { minLength: definitions.length }), async (order) => {
      const impact = await impactOf(SDL, order.join('\n'), recorded);
      expect(impact).toEqual({
        counts: { breaking: 0, dangerous: 0, safe: 0 },
        changes: [],
        broken: { count: 0, first: [] },
      });
    }),
    { numRuns: 20 },
  );
});

it('no operation that a new schema refuses is missing among the broken', async () => {
  const edits: [string, string][] = [
    ['node(id: ID!): Node', ''],
    ['first: Int, ', ''],
    ['kind: Kind, ', 'kind: Kind!, '],
    ['text: String', 'text: String, in: [ID!]!'],
    ['Pet implements Node', 'Pet'],
    ['= Pet | Owner', '= Pet'],
    ['email: String pets', 'pets'],
    ['tags(first: Int = 5): [String!]', ''],
    ['name: String! kind: Kind owner', 'title: String owner'],
    ['CAT ', ''],
    ['input OwnerFilter { email: String }', 'input OwnerFilter { email: Int! }'],
    ['name: String kind: Kind owner: OwnerFilter', 'name: String!'],
    ['nick: String', 'nick: String age: Int!'],
    ['input: PetInput!', 'input: [PetInput!]!'],
  ];
  await fc.assert(
    fc.asyncProperty(fc.subarray(edits, { minLength: 1 }), async (chosen) => {
      const after = chosen.reduce((text, [from, to]) => text.replace(from, to), SDL);
      expectSound(after, await impactOf(SDL, after, recorded));
    }),
    { numRuns: 60 },
  );
});

it('a large change is told in part, the worst first, and counted in full', async () => {
  const fields = (count: number): string => Array.from({ length: count }, (_, index) => `f${index}: Int`).join(' ');
  const operations = Array.from({ length: 300 }, (_, index) => ({
    ...toRecord(
      buildSchema(`type Query { a: Int ${fields(900)} }`),
      `n${index}`,
      `query n${index} { f${index + 500} }`,
    ),
    count: index,
  }));
  const impact = await impactOf(
    `type Query { a: Int ${fields(900)} }`,
    `type Query { a: Int b: Int ${fields(100)} }`,
    operations,
  );
  expect(impact.counts).toEqual({ breaking: 800, dangerous: 0, safe: 1 });
  expect(impact.changes).toHaveLength(500);
  expect(impact.changes.every(({ level }) => level === 'breaking')).toBe(true);
  expect(impact.broken.count).toBe(300);
  expect(impact.broken.first).toHaveLength(200);
  expect(impact.broken.first[0]?.name).toBe('n299');
});

it('an input too large to be told field by field is used as a whole', async () => {
  const sdl = `type Query { a(in: Big): Int } input Big { ${Array.from({ length: 1200 }, (_, index) => `f${index}: Int`).join(' ')} }`;
  const operation = toRecord(buildSchema(sdl), 'big', 'query ($in: Big) { a(in: $in) }');
  expect(operation.coordinates).toEqual(['Big', 'Big.*', 'Query.a', 'Query.a.in']);
  expect(namesOf(await impactOf(sdl, sdl.replace('f7: Int', ''), [operation]))).toEqual(['big']);
});
