/** Where a gRPC contract is read from: files with imports, include folders, several entry points. */
import { describe, expect, it } from 'vitest';
import { read, readAll, refusal, schemaOf, signatures } from './kit.ts';

const files = (main: string, others: Record<string, string> = {}): Record<string, string> => ({
  'api.proto': main,
  ...others,
});

describe('imports', () => {
  it('are found in include folders, beside the file, and above it; Google’s own need not be there', async () => {
    const made = await read({
      files: {
        'deep/er/api.proto': `syntax = "proto3"; package a; import "deep/b.proto"; import "c.proto"; import "d.proto"; import "../up.proto";
          import "google/protobuf/timestamp.proto"; import "google/rpc/error_details.proto"; import "google/api/httpbody.proto";
          message A { b.B b = 1; c.C c = 2; d.D d = 3; up.Up up = 4; google.protobuf.Timestamp at = 5; google.rpc.RetryInfo retry = 6; google.api.HttpBody body = 7; }
          service S { rpc GetA(A) returns (A); }`,
        'deep/b.proto': 'syntax = "proto3"; package b; message B { string b = 1; }',
        'deep/er/c.proto': 'syntax = "proto3"; package c; message C { string c = 1; }',
        'deep/up.proto': 'syntax = "proto3"; package up; message Up { string up = 1; }',
        'third/d.proto': 'syntax = "proto3"; package d; message D { string d = 1; }',
      },
      handler: { source: { file: './api/deep/er/api.proto', load: { includeDirs: ['./api/third'] } } },
    });
    expect(signatures(schemaOf(made), 'A')).toEqual([
      'at: DateTime',
      'b: B',
      'body: HttpBody',
      'c: C',
      'd: D',
      'retry: RetryInfo',
      'up: Up',
    ]);
  });

  it('that only options need may be missing: the report says so', async () => {
    const made = await read({
      files: files(`syntax = "proto3"; package o;
        import "gogoproto/gogo.proto";
        import "validate/validate.proto";
        option (gogoproto.marshaler_all) = true;
        message A { option (gogoproto.goproto_stringer) = false; string a = 1 [(validate.rules).string = { in: ["x", "y"] }, deprecated = true]; }
        enum E { option (gogoproto.x) = 1; E_ZERO = 0 [(gogoproto.enumvalue_customname) = "Zero"]; }
        service S { option (x.y) = { a: [ { b: 1 }, { b: 2 } ] }; rpc GetA(A) returns (A) { option (openapi) = { tags: [ { name: "x;}" } ] /* } */ }; } }`),
    });
    expect(made.report).toMatchObject({ operations: { total: 1, imported: 1 }, leftOut: [] });
    expect(made.report.notes.filter(({ pointer }) => pointer === 'api.proto')).toEqual([
      { pointer: 'api.proto', text: 'imports gogoproto/gogo.proto, which is not there and not needed' },
      { pointer: 'api.proto', text: 'imports validate/validate.proto, which is not there and not needed' },
    ]);
    expect(made.text).toContain('a: String! @deprecated');
  });

  it('that a message needs leave out its methods alone, with file, line and remedy', async () => {
    const made = await read({
      files: files(`syntax = "proto3"; package m;
        import "gone.proto";
        message A { string a = 1; } message B { C c = 1; } message C { repeated gone.D d = 1; B b = 2; }
        service S { rpc GetA(A) returns (A); rpc GetB(A) returns (B); rpc GetGone(gone.D) returns (A); }`),
    });
    expect(signatures(schemaOf(made), 'Query')).toEqual(['getA(input: AInput): A']);
    expect(made.report.operations).toEqual({ total: 3, imported: 1 });
    expect(made.report.leftOut.map(({ operation }) => operation)).toEqual(['m.S/GetB', 'm.S/GetGone']);
    expect(made.report.leftOut[0]?.reason).toMatch(
      /^needs gone\.D, .*: api\.proto:2 imports gone\.proto, .*--include-dir/,
    );
  });

  it('are blamed by the name of the type they would have; the others are told as not needed', async () => {
    const made = await read({
      files: files(`syntax = "proto3"; package m;
        import "gogoproto/gogo.proto";
        import "google/type/date.proto";
        import "google/type/money.proto";
        message A { string a = 1; } message P { google.type.Money price = 1; } message H { P p = 1; other.T t = 2; }
        service S { rpc GetA(A) returns (A); rpc GetP(A) returns (P); rpc GetH(A) returns (H); rpc GetX(x.T) returns (A); }`),
    });
    const reasons = Object.fromEntries(made.report.leftOut.map(({ operation, reason }) => [operation, reason]));
    expect(reasons['m.S/GetP']).toMatch(
      /^needs google\.type\.Money, .*: api\.proto:4 imports google\/type\/money\.proto, /,
    );
    expect(reasons['m.S/GetX']).toMatch(
      /^needs x\.T, .*any of .*api\.proto:2 imports gogoproto.*api\.proto:3 imports .*date.*api\.proto:4 .*--include-dir/,
    );
  });

  it('that no message needs are told as such beside one that a message needs', async () => {
    const made = await read({
      files: files(`syntax = "proto3"; package m;
        import "gogoproto/gogo.proto";
        import "missing/type.proto";
        message A { string a = 1; } message B { C c = 1; } message C { missing.T t = 1; }
        service S { rpc GetA(A) returns (A); rpc GetB(A) returns (B); }`),
    });
    expect(made.report.leftOut).toHaveLength(1);
    expect(made.report.leftOut[0]?.reason).toMatch(/^needs missing\.T, .*: api\.proto:3 imports missing\/type\.proto/);
    expect(made.report.notes.filter(({ pointer }) => pointer === 'api.proto').map(({ text }) => text)).toEqual([
      'imports gogoproto/gogo.proto, which is not there and not needed',
      expect.stringMatching(/^api\.proto:3 imports missing\/type\.proto, .*--include-dir/),
    ]);
  });

  it.each([
    ['/etc/passwd.proto', 'an absolute path'],
    ['../../../../../../../../etc/hosts', 'a path that climbs out'],
  ])('of %s (%s) lead nowhere', async (path) => {
    const error = await refusal({
      files: files(`syntax = "proto3"; import "${path}"; service S { rpc Get(x.A) returns (x.A); }`),
    });
    expect(error.message).toContain('which is not there');
  });

  it('that go round in a circle are read once', async () => {
    const made = await read({
      files: files(
        'syntax = "proto3"; package a; import "b.proto"; message A { b.B b = 1; } service S { rpc GetA(A) returns (A); }',
        {
          'b.proto': 'syntax = "proto3"; package b; import "api.proto"; message B { a.A a = 1; }',
        },
      ),
    });
    expect(signatures(schemaOf(made), 'B')).toEqual(['a: A']);
  });
});

describe('several files', () => {
  const service = (name: string): string =>
    `syntax = "proto3"; package ${name}; import "common/c.proto"; service ${name.toUpperCase()} { rpc Get_${name}(common.C) returns (common.C); }`;
  const several = {
    'a.proto': service('aa'),
    'more/b.proto': service('bb'),
    'common/c.proto': 'syntax = "proto3"; package common; message C { string c = 1; }',
  };

  it.each([
    ['a list', ['./api/a.proto', './api/more/b.proto']],
    ['a pattern', './api/**/*.proto'],
  ])('named by %s give all services', async (_title, file) => {
    const made = await read({ files: several, handler: { source: { file } } });
    expect(signatures(schemaOf(made), 'Query')).toEqual(['getAa(input: CInput): C', 'getBb(input: CInput): C']);
  });

  it('that nothing matches are refused', async () => {
    const error = await refusal({ files: several, handler: { source: { file: './api/none*.proto' } } });
    expect(error.message).toBe('No file is named ./api/none*.proto.');
  });

  it('mesh#5999 enums of one name in two sources both keep their values', async () => {
    const source = (value: string): { files: Record<string, string> } => ({
      files: files(
        `syntax = "proto3"; package p; enum State { STATE_${value} = 0; } message M { State state = 1; } service S { rpc GetM(M) returns (M); }`,
      ),
    });
    const made = await readAll({ one: source('ONE'), two: source('TWO') });
    for (const [name, value] of [
      ['one', 'STATE_ONE'],
      ['two', 'STATE_TWO'],
    ] as const) {
      const result = made.get(name);
      if (result === undefined || result instanceof Error) throw result ?? new Error('not read');
      expect(result.text).toMatch(new RegExp(`enum State \\{\\s+${value}\\s`));
    }
  });
});

describe('dialects', () => {
  it('proto2: required, declared defaults, groups and extensions', async () => {
    const made = await read({
      files: files(`syntax = "proto2"; package p2;
        message M { required string id = 1; optional int32 a = 2; optional int32 b = 3 [default = 7]; required M next = 4;
          repeated group Part = 5 { optional string name = 1; } extensions 100 to 200; }
        extend M { optional string note_text = 100; }
        message Req { required string id = 1; }
        service S { rpc GetM(Req) returns (M); rpc PutM(M) returns (M); }`),
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'M')).toEqual([
      'a: Int',
      'b: Int!',
      'id: String!',
      'next: M!',
      'noteText: String',
      'part: [MPart!]!',
    ]);
    expect(signatures(schema, 'MInput')).toEqual([
      'a: Int',
      'b: Int',
      'id: String!',
      'next: MInput',
      'noteText: String',
      'part: [MPartInput!]',
    ]);
    expect(made.text).toContain('noteText: String @resolveRootField(subgraph: "api", field: ".p2.note_text")');
  });

  it('proto2: groups in a oneof are members of it, in their place; a field may be called group', async () => {
    const made = await read({
      files: files(`syntax = "proto2"; package p2;
        message M { oneof o { string x = 1;
            group Gg = 2 [deprecated = true] { optional int32 n = 1; optional group Inner = 2 { optional string s = 1; } }
            int32 y = 3; group Hh = 4 { required string z = 1; } }
          oneof alone { group Only = 5 { } } optional string group = 6; }
        service S { rpc GetM(M) returns (M); }`),
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'M')).toEqual(['alone: MAlone', 'group: String', 'o: MO']);
    expect(signatures(schema, 'MOInput')).toEqual(['gg: MGgInput', 'hh: MHhInput', 'x: String', 'y: Int']);
    expect(made.text).toMatch(/union MO [^=]*= MOX \| MOGg \| MOY \| MOHh\n/);
    expect(signatures(schema, 'MAloneInput')).toEqual(['only: Boolean']);
    expect(signatures(schema, 'MGg')).toEqual(['inner: MGgInner', 'n: Int']);
  });

  it.each(['2023', '2024'])('edition %s: presence is explicit unless a feature says otherwise', async (edition) => {
    const made = await read({
      files: files(`edition = "${edition}"; package ed;
        ${edition === '2024' ? 'import option "x.proto"; export ' : ''}message M { string a = 1; string b = 2 [features.field_presence = IMPLICIT];
          string c = 3 [features.field_presence = LEGACY_REQUIRED]; string d = 4 [default = "x"]; }
        service S { rpc GetM(M) returns (M); }`),
    });
    expect(signatures(schemaOf(made), 'M')).toEqual(['a: String', 'b: String!', 'c: String!', 'd: String!']);
  });

  it('mesh#9174 hyphens in the names of packages', async () => {
    const made = await read({
      files:
        files(`syntax = "proto3"; package my-shop.v1-beta; message M { my-shop.v1-beta.N n = 1; } message N { sint32 n = 1; }
        service S { rpc GetM(M) returns (M); }`),
    });
    expect(signatures(schemaOf(made), 'M')).toEqual(['n: N']);
    expect(made.text).toContain('objPath: "my-shop.v1-beta.S"');
  });
});
