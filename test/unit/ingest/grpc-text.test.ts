/** How the text of a .proto is made ready for its parser. */
import { describe, expect, it } from 'vitest';
import { prepareProto } from '../../../gateway/ingest/grpc/proto-text.ts';
import { refusal } from './kit.ts';

describe('the text of a .proto', () => {
  it('keeps its lines, whatever is taken out', () => {
    const text =
      'syntax = "proto3";\noption (a) = {\n  b: "}"\n};\nimport\n  "x.proto";\nmessage A {\n  string a = 1 [\n    (c) = 1\n  ];\n}\n';
    const prepared = prepareProto(text);
    expect(prepared.text.split('\n')).toHaveLength(text.split('\n').length);
    expect(prepared.imports).toEqual([{ path: 'x.proto', line: 5, weak: false }]);
    expect(prepared.text).not.toMatch(/option|import|\(c\)/);
  });

  it('keeps its lines where a group in a oneof is moved out of it', () => {
    const text = 'message A {\n  oneof o {\n    group G = 1\n    {\n      optional string a = 1;\n    }\n  }\n}\n';
    expect(prepareProto(text).text.split('\n')).toHaveLength(text.split('\n').length);
  });

  it.each([
    'oneof o { group',
    'oneof o { group G = 1 { } } } }',
    '',
    '"',
    '{{{{',
    'option (',
    'message A { string a = 1 [',
    'import',
    "'\\",
    '/*',
    'option (google.api.http) = { get: ',
  ])('is never an error to read: %j', (text) => {
    expect(prepareProto(text).imports).toEqual([]);
  });

  it('that is broken is refused with its file and line', async () => {
    const error = await refusal({ files: { 'api.proto': 'syntax = "proto3";\nmessage A {\n  string a = ;\n}' } });
    expect(error.message).toMatch(/^api\.proto cannot be read as a \.proto: .*line 3/);
  });
});
