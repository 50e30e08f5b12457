/** How the text of a .proto is made ready for its parser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareProto } from '../../../gateway/ingest/grpc/proto-text.ts';
import { read, refusal } from './kit.ts';
import { readEach, SEEDS, shuffleProto } from './shuffle.ts';

const root = join(import.meta.dirname, '../../..');

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

describe('a .proto in another order gives the same text, byte by byte', () => {
  it.each(['sources/inventory/inventory.proto', 'test/contracts/together/depot.proto'])('%s', async (file) => {
    const proto = readFileSync(join(root, file), 'utf8');
    const orders = [proto, ...SEEDS.map((seed) => shuffleProto(proto, seed))];
    expect(new Set(orders).size).toBe(orders.length);
    const texts = await readEach(orders.map((text) => ({ 'api.proto': text })));
    expect(new Set(texts).size).toBe(1);
  });

  it('names that collide in a .proto give way by their full names', async () => {
    const message = (name: string): string => `message ${name} { string id = 1; message Line { string sku = 1; } }`;
    const service = 'service S { rpc Get(Order) returns (Order_Line); rpc GetLine(Order.Line) returns (OrderLine); }';
    const blocks = [message('Order'), message('Order_Line'), message('OrderLine'), service];
    const proto = `syntax = "proto3"; package p;\n${blocks.join('\n')}`;
    const texts = await readEach(
      [proto, ...SEEDS.map((seed) => shuffleProto(proto, seed))].map((text) => ({ 'a.proto': text })),
    );
    expect(new Set(texts).size).toBe(1);
    const { report } = await read({ files: { 'a.proto': proto } });
    expect(report.renamed.map(({ from, to }) => `${from} is ${to}`)).toEqual([
      'OrderLine is OrderLine2',
      'OrderLine is OrderLine3',
    ]);
  });
});
