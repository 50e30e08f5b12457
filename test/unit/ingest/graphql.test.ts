/** What a GraphQL SDL becomes. */
import { describe, expect, it } from 'vitest';
import { read, refusal, schemaOf, signatures } from './kit.ts';

describe('a GraphQL SDL', () => {
  it('keeps its types; what is renamed knows what the service calls it', async () => {
    const made = await read({
      files: {
        'schema.graphql': `schema { query: RootQuery mutation: Change subscription: Feed }
          scalar BigInt
          "A note" type note_item { id: ID! size(unit: unit_kind = KB): BigInt @deprecated(reason: "old") }
          enum unit_kind { KB MB } input note_in { text: String = "hi" }
          type RootQuery { note(id: ID!): note_item hidden: Int } type Change { add(note: note_in!): note_item } type Feed { notes: note_item "Every one" noteAdded(of: ID): note_item! silent: Int }`,
      },
      policy: {
        names: {
          types: { NoteIn: 'NewNote' },
          operations: { 'query note': 'oneNote', 'subscription notes': 'noteChanges' },
        },
        operations: { hidden: { exclude: true }, silent: { exclude: true } },
      },
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['oneNote(id: ID!): NoteItem']);
    expect(signatures(schema, 'Mutation')).toEqual(['add(note: NewNote!): NoteItem']);
    expect(signatures(schema, 'Subscription')).toEqual(['noteAdded(of: ID): NoteItem!', 'noteChanges: NoteItem']);
    expect(signatures(schema, 'NoteItem')).toEqual(['id: ID!', 'size(unit: UnitKind): Int64']);
    expect(made.text).toContain('type NoteItem @source(subgraph: "api", name: "note_item")');
    expect(made.text).toContain('input NewNote @source(subgraph: "api", name: "note_in")');
    expect(made.text).toContain('scalar Int64 @source(subgraph: "api", name: "BigInt")');
    expect(made.text).toContain('@graphqlField(subgraph: "api", name: "note", type: "note_item")');
    expect(made.text).toMatch(
      /noteChanges: NoteItem @graphqlField\(subgraph: "api", name: "notes", type: "note_item"\)/,
    );
    expect(made.report.leftOut.map(({ operation }) => operation).sort()).toEqual([
      'query hidden',
      'subscription silent',
    ]);
  });

  it.each([
    ['no SDL', 'type {'],
    ['a type that is not there', 'type Query { a: Nothing }'],
    ['no query', 'type A { a: Int }'],
  ])('with %s is refused in one sentence', async (_title, text) => {
    const error = await refusal({ files: { 'schema.graphql': text } });
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.message).toMatch(/^([A-Z]|api\/schema\.graphql:\d+: ).{10,300}$/);
    expect(error.message).not.toMatch(/\n|node_modules|\.ts:|\/tmp\//);
  });
});
