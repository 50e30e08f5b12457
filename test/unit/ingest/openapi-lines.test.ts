/** Bodies of JSON lines: which media types they are, and what their rows are taken from. */
import { describe, expect, it } from 'vitest';
import { openapi, read, schemaOf, signatures } from './kit.ts';
import { integer, object, ref, string } from './made.ts';

const NDJSON = 'application/x-ndjson';
const TYPES = [
  ...['application/x-ndjson', 'application/ndjson; charset=utf-8', 'application/jsonl', 'application/x-jsonl'],
  ...['application/jsonlines', 'application/x-jsonlines', 'application/stream+json', 'application/x-json-stream'],
  ...['application/json-stream', 'application/json-seq', 'application/geo+json-seq'],
];
const schemas = {
  Row: object({ id: integer }),
  Rows: { type: 'array', items: ref('Row') },
  Maybe: { anyOf: [ref('Rows'), { type: 'null' }] },
  Both: { allOf: [{ type: 'array' }, { items: ref('Row'), maxItems: 9 }] },
};

/** Operations by name, each with what it takes and answers by media type. */
function made(operations: Readonly<Record<string, { sent?: object; answered: object }>>): ReturnType<typeof read> {
  const paths = Object.entries(operations).map(([operationId, { sent, answered }]) => {
    const requestBody = sent ? { requestBody: { required: true, content: sent } } : {};
    const responses = { '200': { description: 'd', content: answered } };
    return [`/${operationId}`, { post: { operationId, ...requestBody, responses } }];
  });
  return read({ files: openapi(Object.fromEntries(paths), schemas, '3.1.0') });
}

async function mutations(operations: Parameters<typeof made>[0]): Promise<string[]> {
  return signatures(schemaOf(await made(operations)), 'Mutation');
}

describe('JSON lines', () => {
  it('of every media type are a list of rows, answered and sent', async () => {
    const content = (type: string) => ({ [type]: { schema: ref('Row') } });
    const operations = TYPES.map((type, at) => [`o${at}`, { sent: content(type), answered: content(type) }]);
    expect(await mutations(Object.fromEntries(operations))).toEqual(
      TYPES.map((_type, at) => `o${at}(input: [RowInput!]!): [Row]`).sort(),
    );
  });

  it('have rows, however the contract writes them', async () => {
    const row = ref('Row');
    const forms: [string, object, string][] = [
      ['row', { schema: row }, '(input: [RowInput!]!): [Row]'],
      ['list', { schema: { type: 'array', items: row } }, '(input: [RowInput!]!): [Row]'],
      ['listByReference', { schema: ref('Rows') }, '(input: [RowInput!]!): [Row]'],
      ['listOrNull', { schema: ref('Maybe') }, '(input: [RowInput!]!): [Row]'],
      ['listInParts', { schema: ref('Both') }, '(input: [RowInput!]!): [Row]'],
      ['itemsAlone', { schema: { items: row } }, '(input: [RowInput!]!): [Row]'],
      ['linesOfLists', { schema: { type: 'array', items: ref('Rows') } }, '(input: [[RowInput!]!]!): [[Row]]'],
      ['itemSchema', { itemSchema: row }, '(input: [RowInput!]!): [Row]'],
      ['itemSchemaAndList', { schema: ref('Rows'), itemSchema: row }, '(input: [RowInput!]!): [Row]'],
      ['itemSchemaOfLists', { itemSchema: ref('Rows') }, '(input: [[RowInput!]!]!): [[Row]]'],
      ['listOrObject', { schema: { type: ['array', 'object'] } }, '(input: [JSON!]!): [JSON]'],
      ['tuple', { schema: { type: 'array', prefixItems: [string, integer] } }, '(input: [[JSON!]!]!): [[JSON]]'],
      ['text', { schema: string }, '(input: [String!]!): [String]'],
      ['untold', {}, '(input: [JSON!]!): [JSON]'],
      ['missing', { schema: ref('Nowhere') }, '(input: [JSON!]!): [JSON]'],
    ];
    const operations = forms.map(([name, media]) => [
      name,
      { sent: { [NDJSON]: media }, answered: { [NDJSON]: media } },
    ]);
    expect(await mutations(Object.fromEntries(operations))).toEqual(forms.map(([name, , rest]) => name + rest).sort());
  });

  it('give way to JSON and to forms, and are taken before text, XML and bytes', async () => {
    const lines = { [NDJSON]: { schema: ref('Row') } };
    const body = { schema: object({ a: string }) };
    const others = { 'text/plain': {}, 'application/xml': body, 'application/octet-stream': {} };
    const signed = await mutations({
      other: { sent: { ...others, ...lines }, answered: { ...others, ...lines } },
      json: { sent: { ...lines, 'application/json': body }, answered: lines },
      form: { sent: { ...lines, 'application/x-www-form-urlencoded': body }, answered: lines },
      parts: { sent: { ...lines, 'multipart/form-data': body }, answered: lines },
    });
    expect(signed).toEqual([
      'form(input: FormInput!): [Row]',
      'json(input: JsonInput!): [Row]',
      'other(input: [RowInput!]!): [Row]',
      'parts(input: PartsInput!): [Row]',
    ]);
  });

  it.each(['schema', 'itemSchema'])('whose %s cannot be typed are told of where that stands', async (key) => {
    const { report } = await made({ x: { answered: { [NDJSON]: { [key]: { type: 'object' } } } } });
    const pointer = `/paths/~1x/post/responses/200/content/application~1x-ndjson/${key}`;
    expect(report.fallbacks.map((each) => each.pointer)).toEqual([pointer]);
  });

  it('of a schema without a name have one type on either side', async () => {
    const media = { [NDJSON]: { schema: object({ id: integer, in: object({ a: string }) }) } };
    const schema = schemaOf(await made({ send: { sent: media, answered: media } }));
    expect(signatures(schema, 'Mutation')).toEqual(['send(input: [SendItemInput!]!): [SendResponseItem]']);
    expect(signatures(schema, 'SendResponseItem')).toEqual(['id: Int', 'in: SendResponseItemIn']);
  });
});
