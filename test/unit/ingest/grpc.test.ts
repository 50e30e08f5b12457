/** What a .proto and a GraphQL SDL become. */
import { describe, expect, it } from 'vitest';
import { read, refusal, schemaOf, signatures } from './kit.ts';

const proto = (body: string): Record<string, string> => ({ 'api.proto': `syntax = "proto3";\n${body}` });

describe('a .proto', () => {
  it('names methods and messages without their package; nested messages say where they stand', async () => {
    const made = await read({
      files: proto(`package shop.inventory.v1;
        message StockRequest { string product_id = 1; Kind kind = 2; }
        message Stock { Level level = 1; map<string, int32> by_place = 2; repeated Level past = 3;
          message Level { int32 on_hand = 1; string last_seen_at = 2 [deprecated = true]; } }
        enum Kind { KIND_UNSPECIFIED = 0; KIND_COLD = 1; }
        service Inventory {
          // How much there is.
          rpc GetStock(StockRequest) returns (Stock);
          rpc PutStock(StockRequest) returns (Stock) { option deprecated = true; }
          rpc WatchStock(StockRequest) returns (stream Stock);
        }`),
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['getStock(input: StockRequestInput): Stock']);
    expect(signatures(schema, 'Mutation')).toEqual(['putStock(input: StockRequestInput): Stock']);
    expect(signatures(schema, 'StockRequestInput')).toEqual(['kind: Kind', 'productId: String']);
    expect(signatures(schema, 'StockLevel')).toEqual(['lastSeenAt: String', 'onHand: Int']);
    expect(signatures(schema, 'Stock')).toEqual(['byPlace: JSON', 'level: StockLevel', 'past: [StockLevel]']);
    expect(made.text).toContain('onHand: Int @resolveRootField(subgraph: "api", field: "on_hand")');
    expect(schema.getQueryType()?.getFields()['getStock']?.description).toContain('How much there is.');
    expect(schema.getMutationType()?.getFields()['putStock']?.deprecationReason).toBeTruthy();
    expect(made.report.leftOut).toEqual([
      expect.objectContaining({ operation: 'shop.inventory.v1.Inventory/WatchStock' }),
    ]);
    expect(made.text).not.toMatch(/connectivity/i);
  });

  it('keeps messages of one name in two packages apart, and methods of one name in two services', async () => {
    const made = await read({
      files: {
        'api.proto': `syntax = "proto3"; package a; import "b.proto";
          message Item { string id = 1; b.Item other = 2; } message Id { string id = 1; }
          service Alpha { rpc Get(Id) returns (Item); } service Beta { rpc Get(Id) returns (b.Item); }`,
        'b.proto': `syntax = "proto3"; package b; message Item { int32 n = 1; }`,
      },
      handler: { source: { file: './api/api.proto', load: { includeDirs: ['./api'] } } },
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['betaGet(input: IdInput): Item2', 'get(input: IdInput): Item']);
    expect(signatures(schema, 'Item')).toEqual(['id: String', 'other: Item2']);
    expect(signatures(schema, 'Item2')).toEqual(['n: Int']);
    expect(made.report.renamed).toEqual([
      expect.objectContaining({ from: 'get', to: 'betaGet' }),
      expect.objectContaining({ from: 'Item', to: 'Item2' }),
    ]);
  });

  it('knows 64-bit integers, unsigned ones, bytes, empty messages and well-known types', async () => {
    const made = await read({
      files: proto(`package n;
        import "google/protobuf/timestamp.proto"; import "google/protobuf/empty.proto"; import "google/protobuf/wrappers.proto";
        message Numbers { int64 a = 1; uint64 b = 2; sint64 c = 3; fixed64 d = 4; sfixed64 e = 5; uint32 f = 6; int32 g = 7;
          bytes h = 8; double i = 9; bool j = 10; repeated uint64 k = 11; google.protobuf.Timestamp at = 12; google.protobuf.StringValue note = 13; }
        message Nothing {}
        service N { rpc GetNumbers(Nothing) returns (Numbers); rpc DropAll(Nothing) returns (google.protobuf.Empty); rpc ListMore(google.protobuf.Empty) returns (Numbers); }`),
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['getNumbers: Numbers', 'listMore: Numbers']);
    expect(signatures(schema, 'Mutation')).toEqual(['dropAll: Void']);
    const found = signatures(schema, 'Numbers');
    expect(found).toEqual(
      expect.arrayContaining([
        'a: Int64',
        'b: UInt64',
        'c: Int64',
        'd: UInt64',
        'e: Int64',
        'f: UInt32',
        'g: Int',
        'h: Bytes',
        'i: Float',
        'j: Boolean',
        'k: [UInt64]',
      ]),
    );
  });

  it('does not stumble over oneof, optional and messages that hold themselves', async () => {
    const made = await read({
      files: proto(`package o;
        message Tree { oneof shape { string leaf = 1; Tree branch = 2; int64 weight = 3; } optional string label = 4; repeated Tree children = 5; }
        service Trees { rpc GetTree(Tree) returns (Tree); }`),
    });
    expect(signatures(schemaOf(made), 'Tree')).toEqual([
      'branch: Tree',
      'children: [Tree]',
      'label: String',
      'leaf: String',
      'weight: Int64',
    ]);
    expect(signatures(schemaOf(made), 'TreeInput')).toHaveLength(5);
  });

  it('is named, sorted into reading and writing, and cut down by the policy', async () => {
    const made = await read({
      files: proto(`package p; message Id { string id = 1; } message Thing { string id = 1; }
        service P { rpc Fetch(Id) returns (Thing); rpc Make(Id) returns (Thing); rpc Purge(Id) returns (Thing); }`),
      policy: {
        names: { operations: { 'p.P/Fetch': 'thing' }, types: { Thing: 'Object' }, fields: { 'Object.id': 'key' } },
        operations: { make: { kind: 'query' }, purge: { exclude: true } },
      },
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['make(input: IdInput): Object', 'thing(input: IdInput): Object']);
    expect(signatures(schema, 'Object')).toEqual(['key: String']);
    expect(made.report.leftOut).toEqual([
      { operation: 'p.P/Purge', pointer: 'p.P/Purge', reason: 'excluded by policy.yaml' },
    ]);
  });

  it.each([
    ['no proto', 'this is no proto'],
    ['a message that is not there', 'syntax = "proto3"; service S { rpc Get(Nothing) returns (Nothing); }'],
    [
      'an import that is not there',
      'syntax = "proto3"; import "gone.proto"; message A { gone.B b = 1; } service S { rpc Get(A) returns (A); }',
    ],
    ['no service', 'syntax = "proto3"; message A { string a = 1; }'],
  ])('with %s is refused in one sentence', async (_title, text) => {
    const error = await refusal({ files: { 'api.proto': text } });
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.message).toMatch(/^[A-Z].{10,300}$/);
    expect(error.message).not.toMatch(/\n|node_modules|\.ts:|\/tmp\//);
  });
});

describe('a GraphQL SDL', () => {
  it('keeps its types; what is renamed knows what the service calls it', async () => {
    const made = await read({
      files: {
        'schema.graphql': `schema { query: RootQuery mutation: Change subscription: Feed }
          scalar BigInt
          "A note" type note_item { id: ID! size(unit: unit_kind = KB): BigInt @deprecated(reason: "old") }
          enum unit_kind { KB MB } input note_in { text: String = "hi" }
          type RootQuery { note(id: ID!): note_item hidden: Int } type Change { add(note: note_in!): note_item } type Feed { notes: note_item }`,
      },
      policy: {
        names: { types: { NoteIn: 'NewNote' }, operations: { 'query note': 'oneNote' } },
        operations: { hidden: { exclude: true } },
      },
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['oneNote(id: ID!): NoteItem']);
    expect(signatures(schema, 'Mutation')).toEqual(['add(note: NewNote!): NoteItem']);
    expect(signatures(schema, 'NoteItem')).toEqual(['id: ID!', 'size(unit: UnitKind): Int64']);
    expect(made.text).toContain('type NoteItem @source(subgraph: "api", name: "note_item")');
    expect(made.text).toContain('input NewNote @source(subgraph: "api", name: "note_in")');
    expect(made.text).toContain('scalar Int64 @source(subgraph: "api", name: "BigInt")');
    expect(made.text).toContain('@graphqlField(subgraph: "api", name: "note", type: "note_item")');
    expect(made.report.leftOut.map(({ operation }) => operation).sort()).toEqual([
      'query hidden',
      'subscription notes',
    ]);
  });

  it.each([
    ['no SDL', 'type {'],
    ['a type that is not there', 'type Query { a: Nothing }'],
    ['no query', 'type A { a: Int }'],
  ])('with %s is refused in one sentence', async (_title, text) => {
    const error = await refusal({ files: { 'schema.graphql': text } });
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.message).toMatch(/^[A-Z].{10,300}$/);
    expect(error.message).not.toMatch(/\n|node_modules|\.ts:|\/tmp\//);
  });
});
