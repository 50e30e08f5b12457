/** What the messages of a .proto become. */
import { isEnumType, isUnionType, validateSchema } from 'graphql';
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
    expect(signatures(schema, 'Subscription')).toEqual(['watchStock(input: StockRequestInput): Stock']);
    expect(signatures(schema, 'StockRequestInput')).toEqual(['kind: Kind', 'productId: String']);
    expect(signatures(schema, 'StockLevel')).toEqual(['lastSeenAt: String!', 'onHand: Int!']);
    expect(signatures(schema, 'Stock')).toEqual([
      'byPlace: [StockByPlaceEntry!]!',
      'level: StockLevel',
      'past: [StockLevel!]!',
    ]);
    expect(signatures(schema, 'StockByPlaceEntry')).toEqual(['key: String!', 'value: Int!']);
    expect(made.text).toContain('onHand: Int! @resolveRootField(subgraph: "api", field: "on_hand")');
    expect(schema.getQueryType()?.getFields()['getStock']?.description).toContain('How much there is.');
    expect(schema.getMutationType()?.getFields()['putStock']?.deprecationReason).toBeTruthy();
    expect(made.report).toMatchObject({ operations: { total: 3, imported: 3 }, leftOut: [] });
    expect(made.text).not.toMatch(/connectivity/i);
  });

  it('keeps messages of one name in two packages apart, and methods of one name in two services', async () => {
    const made = await read({
      files: {
        'api.proto': `syntax = "proto3"; package a; import "b.proto";
          message Item { string id = 1; b.Item other = 2; } message Id { string id = 1; }
          service Alpha { rpc GetItem(Id) returns (Item); } service Beta { rpc GetItem(Id) returns (b.Item); }`,
        'b.proto': `syntax = "proto3"; package b; message Item { int32 n = 1; }`,
      },
      handler: { source: { file: './api/api.proto', load: { includeDirs: ['./api'] } } },
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual([
      'betaGetItem(input: IdInput): Item2',
      'getItem(input: IdInput): Item',
    ]);
    expect(signatures(schema, 'Item')).toEqual(['id: String!', 'other: Item2']);
    expect(signatures(schema, 'Item2')).toEqual(['n: Int!']);
    expect(made.report.renamed).toEqual([
      expect.objectContaining({ from: 'Item', to: 'Item2' }),
      expect.objectContaining({ from: 'getItem', to: 'betaGetItem' }),
    ]);
  });

  it('gives a message of the top level its name before a nested one, made names last, and says who gave way', async () => {
    const made = await read({
      files: proto(`package a;
        message Msg { message Target { string x = 1; } Target target2 = 1; MsgTarget top = 2; MsgInput in = 3;
          oneof target { string s = 4; } Told told = 5; }
        message MsgTarget { string q = 1; } message MsgInput { string q = 1; } message Told { string t = 1; } message ToldInput { string t = 1; }
        service S { rpc GetMsg(Msg) returns (MsgTarget); rpc GetTop(MsgTarget) returns (MsgTarget); rpc GetIt(ToldInput) returns (ToldInput); }`),
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'MsgTarget')).toEqual(['q: String!']);
    expect(signatures(schema, 'Query')).toContain('getMsg(input: MsgInput2): MsgTarget');
    expect(signatures(schema, 'MsgInput2')).toContain('target2: MsgTarget2Input');
    const gaveWay = made.report.renamed.map(({ from, to, reason }) => [from, to, /a\.\S+/.exec(reason)?.[0]]);
    expect(signatures(schema, 'Query')).toContain('getTop(input: MsgTargetInput): MsgTarget');
    // The union of the oneof is in no answer, so nothing is told of it.
    expect(gaveWay).toEqual([
      ['MsgTarget', 'MsgTarget2', 'a.Msg.Target'],
      ['MsgInput', 'MsgInput2', 'a.Msg'],
      ['ToldInput', 'ToldInput2', 'a.Told'],
      ['MsgTargetInput', 'MsgTargetInput2', 'a.Msg.target'],
    ]);
  });

  it('knows 64-bit integers, unsigned ones, bytes, empty messages and well-known types (mesh#1355 int64)', async () => {
    const made = await read({
      files: proto(`package n;
        import "google/protobuf/timestamp.proto"; import "google/protobuf/empty.proto"; import "google/protobuf/wrappers.proto";
        import "google/protobuf/duration.proto"; import "google/protobuf/struct.proto"; import "google/protobuf/any.proto";
        import "google/protobuf/field_mask.proto"; import "google/rpc/status.proto";
        message Numbers { int64 a = 1; uint64 b = 2; sint64 c = 3; fixed64 d = 4; sfixed64 e = 5; uint32 f = 6; int32 g = 7;
          bytes h = 8; double i = 9; bool j = 10; repeated uint64 k = 11; google.protobuf.Timestamp at = 12;
          google.protobuf.StringValue note = 13; google.protobuf.UInt64Value l = 14; google.protobuf.Duration took = 15;
          google.protobuf.Struct extra = 16; google.protobuf.Value value = 17; repeated google.protobuf.Value values = 18;
          google.protobuf.Any any = 19; google.protobuf.FieldMask mask = 20; google.rpc.Status status = 21;
          Nothing nothing = 22; repeated Nothing nothings = 23; fixed32 m = 24; float n = 25; }
        message Nothing {}
        service N { rpc GetNumbers(Nothing) returns (Numbers); rpc DropAll(Nothing) returns (google.protobuf.Empty);
          rpc ListMore(google.protobuf.Empty) returns (Numbers); rpc PutNumbers(Numbers) returns (google.protobuf.StringValue); }`),
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['getNumbers: Numbers', 'listMore: Numbers']);
    expect(signatures(schema, 'Mutation')).toEqual(['dropAll: Void', 'putNumbers(input: NumbersInput): String']);
    const types = ['a: Int64', 'b: UInt64', 'c: Int64', 'd: UInt64', 'e: Int64', 'f: UInt32', 'g: Int', 'h: Bytes'];
    const plain = [...types, 'i: Float', 'j: Boolean', 'm: UInt32', 'n: Float'];
    const absent = [
      'at: DateTime',
      'note: String',
      'l: UInt64',
      'took: Duration',
      'extra: JSON',
      'value: JSON',
      'any: JSON',
    ];
    expect(signatures(schema, 'Numbers')).toEqual(
      [
        ...plain.map((text) => `${text}!`),
        ...[...absent, 'mask: FieldMask', 'status: Status', 'nothing: Boolean'],
        ...['k: [UInt64!]!', 'values: [JSON]!', 'nothings: [Boolean!]!'],
      ].sort(),
    );
    expect(signatures(schema, 'NumbersInput')).toEqual(
      [
        ...[...plain, ...absent, 'mask: FieldMask', 'status: StatusInput', 'nothing: Boolean'],
        ...['k: [UInt64!]', 'values: [JSON]', 'nothings: [Boolean!]'],
      ].sort(),
    );
    expect(signatures(schema, 'Status')).toEqual(['code: Int!', 'details: [JSON!]!', 'message: String!']);
    expect(made.report.fallbacks).toEqual(
      expect.arrayContaining([
        { pointer: 'n.Numbers.extra', reason: 'google.protobuf.Struct has no shape of its own' },
        { pointer: 'google.rpc.Status.details', reason: 'google.protobuf.Any has no shape of its own' },
      ]),
    );
    expect(made.report.fallbacks).toHaveLength(5);
    expect(validateSchema(schema)).toEqual([]);
  });

  it('shows a oneof as a union and takes it as an input of one member; messages may hold themselves', async () => {
    const made = await read({
      files: proto(`package o;
        message Nothing {}
        message Tree {
          // What it is.
          oneof node_shape { string leaf = 1; Tree big_branch = 2; int64 weight = 3 [deprecated = true]; Nothing none = 6; }
          optional string label = 4; repeated Tree children = 5; }
        message Only { oneof it { string a = 1; } }
        service Trees { rpc GetTree(Tree) returns (Tree); rpc GetOnly(Only) returns (Only); }`),
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Tree')).toEqual(['children: [Tree!]!', 'label: String', 'nodeShape: TreeNodeShape']);
    expect(signatures(schema, 'TreeInput')).toEqual([
      'children: [TreeInput!]',
      'label: String',
      'nodeShape: TreeNodeShapeInput',
    ]);
    expect(signatures(schema, 'TreeNodeShapeInput')).toEqual([
      'bigBranch: TreeInput',
      'leaf: String',
      'none: Boolean',
      'weight: Int64',
    ]);
    expect(signatures(schema, 'TreeNodeShapeBigBranch')).toEqual(['bigBranch: Tree!']);
    expect(signatures(schema, 'TreeNodeShapeNone')).toEqual(['none: Boolean!']);
    expect(signatures(schema, 'Only')).toEqual(['it: OnlyIt']);
    const union = schema.getType('TreeNodeShape');
    expect(union?.description).toContain('What it is.');
    expect(isUnionType(union) && union.getTypes().map(({ name }) => name)).toEqual([
      'TreeNodeShapeLeaf',
      'TreeNodeShapeBigBranch',
      'TreeNodeShapeWeight',
      'TreeNodeShapeNone',
    ]);
    expect(made.text).toContain(
      '@discriminator(subgraph: "api", field: "@case", mapping: [["leaf", "TreeNodeShapeLeaf"], ["big_branch",',
    );
    expect(made.text).toMatch(/input TreeNodeShapeInput @oneOf \{/);
    expect(validateSchema(schema)).toEqual([]);
  });

  it('keeps enums with the names they have, and one more for numbers it does not know', async () => {
    const made = await read({
      files: proto(`package e;
        enum Odd { option allow_alias = true; true = 0; __hidden = 1; A = 2; B = 2; UNRECOGNIZED = 3; OLD = 4 [deprecated = true]; }
        // Only sent.
        enum Sent { SENT_NONE = 0; }
        message M { Odd odd = 1; } message R { Sent sent = 1; Odd odd = 2; }
        service E { rpc GetM(R) returns (M); }`),
    });
    const schema = schemaOf(made);
    const odd = schema.getType('Odd');
    expect(isEnumType(odd) && odd.getValues().map(({ name }) => name)).toEqual([
      '_true',
      '_hidden',
      'A',
      'B',
      'UNRECOGNIZED',
      'OLD',
      'UNRECOGNIZED_',
    ]);
    expect(isEnumType(odd) && odd.getValue('OLD')?.deprecationReason).toBeTruthy();
    expect(made.text).toContain('_true @enum(subgraph: "api", value: "\\"true\\"")');
    const sent = schema.getType('Sent');
    expect(sent?.description).toBe('Only sent.');
    expect(isEnumType(sent) && sent.getValues()).toHaveLength(1);
  });

  it('may call things as GraphQL, JavaScript or the gateway do', async () => {
    const made = await read({
      files: proto(`package w;
        message Query { string constructor = 1; string toString = 2; string __proto__ = 3; string __typename = 4; string _ = 5; File file = 6; }
        message File { string hasOwnProperty = 1; String string = 2; } message String { bytes bytes = 1; } enum Duration { SHORT = 0; }
        message Mutation { Duration duration = 1; }
        service Subscription { rpc constructor(Query) returns (Mutation); rpc __proto__(Query) returns (Query); rpc toString(Query) returns (Query); }`),
    });
    const schema = schemaOf(made);
    expect(validateSchema(schema).map(({ message }) => message)).toEqual(['Query root type must be provided.']);
    expect(signatures(schema, 'Mutation')).toEqual([
      'subscriptionConstructor(input: QueryMessageInput): MutationMessage',
      'toString(input: QueryMessageInput): QueryMessage',
    ]);
    expect(signatures(schema, 'QueryMessage')).toHaveLength(6);
    expect(signatures(schema, 'File')).toEqual(['hasOwnProperty: String!', 'string: StringMessage']);
    expect(signatures(schema, 'MutationMessage')).toEqual(['duration: DurationEnum!']);
    expect(made.report).toMatchObject({ operations: { total: 3, imported: 2 } });
    expect(made.report.leftOut).toEqual([expect.objectContaining({ operation: 'w.Subscription/__proto__' })]);
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
    expect(error.message).toMatch(/^[A-Za-z].{10,300}$/);
    expect(error.message).not.toMatch(/\n|node_modules|\.ts:|\/tmp\//);
  });
});
