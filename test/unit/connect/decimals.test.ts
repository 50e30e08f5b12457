/** Laws of Decimal: whatever digits are written, the same digits arrive. */
import fc from 'fast-check';
import { type GraphQLScalarType, parseValue } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createDecimalReaders, plainReader } from '../../../gateway/connect/rest/decimals.ts';
import { prepareRestOperation } from '../../../gateway/connect/rest/prepare.ts';
import { attachScalars } from '../../../gateway/execute/scalars.ts';
import { parseJson } from '../../../gateway/lib/json.ts';
import { operationsOf, SOURCE, schemaOf } from './kit.ts';

const param = (place: string) => `{ arg: "d", name: "d", in: "${place}", style: "simple", explode: false }`;
const http = (path: string, more: string) =>
  `@httpOperation(subgraph: "shop", path: "${path}", httpMethod: "GET", accept: "application/json", ${more})`;
const SDL = /* GraphQL */ `
  scalar Decimal
  scalar BooleanOrDecimal
  scalar DecimalOrString
  scalar BooleanOrFloat
  scalar BooleanOrInt64
  scalar BooleanOrUInt64
  scalar BytesOrInt64
  scalar FloatOrUInt64
  scalar Int64OrString
  scalar Int64OrUUID
  interface Priced { cost: Decimal }
  type Fruit implements Priced { cost: Decimal weight: Float }
  type Tool implements Priced { cost: Decimal parts: [Decimal!] }
  type Entry { key: String! value: Decimal }
  type Wrapped { value: Decimal @resolveRoot(subgraph: "shop") }
  union Any = Wrapped | Fruit
  type Row {
    cost: Decimal @resolveRootField(subgraph: "shop", field: "price")
    plain: Float
    free: JSON
    several: DecimalOrString
    rates: [Entry!] @dictionary(subgraph: "shop")
    inner: [Row!]
    item: Priced
    any: Any
    others: [Entry!] @dictionary(subgraph: "shop", rest: true)
    joined: Fruit @resolveTo(sourceName: "shop", sourceFieldName: "row", sourceArgs: {})
  }
  input RowInput { cost: Decimal yes: BooleanOrDecimal text: Decimal @encode(subgraph: "shop", as: "string") only: OnlyInput several: DecimalOrString }
  input OnlyInput { value: Decimal @resolveRoot(subgraph: "shop") }
  input WideInput {
    BooleanOrInt64: [BooleanOrInt64] BooleanOrUInt64: [BooleanOrUInt64] BytesOrInt64: [BytesOrInt64] FloatOrUInt64: [FloatOrUInt64]
    Int64OrString: [Int64OrString] Int64OrUUID: [Int64OrUUID]
  }
  type Other { n: Float }
  type Query {
    row: Row ${http('/row', 'params: []')}
    lines: [Decimal] ${http('/lines', 'params: []')}
    other: Other ${http('/other', 'params: []')}
    inPath(d: Decimal!): JSON ${http('/x/{d}', `params: [${param('path')}]`)}
    inQuery(d: Decimal): JSON ${http('/x', `params: [${param('query')}]`)}
    inBody(input: RowInput, big: Int64): JSON ${http('/x', 'params: [], body: { arg: "input", mediaType: "application/json" }')}
    big(input: Int64): JSON ${http('/x', 'params: [], body: { arg: "input", mediaType: "application/json" }')}
    inLines(input: [RowInput!]): JSON ${http('/x', 'params: [], body: { arg: "input", mediaType: "application/x-ndjson" }')}
    wide(input: WideInput): JSON ${http('/x', 'params: [], body: { arg: "input", mediaType: "application/json" }')}
    wideInPath(d: Int64OrString!): JSON ${http('/x/{d}', `params: [${param('path')}]`)}
    wideInQuery(d: BooleanOrInt64): JSON ${http('/x', `params: [${param('query')}]`)}
    inForm(input: RowInput): JSON ${http('/x', 'params: [], body: { arg: "input", mediaType: "application/x-www-form-urlencoded" }')}
  }
`;
const schema = schemaOf(SDL);
attachScalars(schema);
const operations = new Map(operationsOf(SDL).map((operation) => [operation.name, operation]));
const fields = [...operations.values()].map(({ field }) => field);
const operation = (name: string) => operations.get(name) ?? expect.unreachable(name);
const readers = createDecimalReaders(fields, schema, SOURCE);
const scalar = (name: string) => schema.getType(name) as GraphQLScalarType;
const decimal = scalar('Decimal');
const send = (name: string, args: Record<string, unknown>) => prepareRestOperation(operation(name), SOURCE).build(args);

/** Numbers in the grammar of JSON, most of them longer than a double holds. */
const digits = fc.stringMatching(/^(0|[1-9]\d{0,40})(\.\d{1,40})?([eE][+-]?\d{1,3})?$/);
const number = fc.tuple(fc.constantFrom('', '-'), digits).map(([sign, text]) => sign + text);
const KNOWN = [
  '9007199254740993',
  '0.1000000000000000055511151231257827',
  '1.50',
  '-0',
  '1e400',
  '1E-7',
  '0.0',
  '10000.00000000005',
];

describe('answers', () => {
  const read = (text: string) => readers(operation('row').field).whole(text) as Record<string, unknown>;

  it('hold every Decimal as the source wrote it, wherever it stands, and nothing else in another way', () => {
    const law = (n: string): void => {
      const text = `{"price":${n},"plain":${n},"free":{"price":${n}},"rates":{"a":${n}},"inner":[{"price":${n}}],
        "item":{"parts":[${n}],"weight":${n}},"any":${n},"more":${n},"cost":${n},"joined":{"cost":${n}}}`;
      const plain = parseJson(text) as Record<string, { [key: string]: unknown }>;
      expect(read(text)).toEqual({
        ...plain,
        price: n,
        rates: { a: n },
        inner: [{ price: n }],
        item: { ...plain['item'], parts: [n] },
        any: n,
        // Keys that no field has belong to the map beside the fields.
        more: n,
        cost: n,
      });
      expect(decimal.serialize(n)).toBe(n);
    };
    KNOWN.forEach(law);
    fc.assert(fc.property(number, law), { numRuns: 500 });
  });

  it('keep numbers of a scalar of several, unless a double cannot hold them', () => {
    expect(read('{"several":1.50}')).toEqual({ several: 1.5 });
    expect(read('{"several":"1.50"}')).toEqual({ several: '1.50' });
    expect(read('{"several":0.1000000000000000055511151231257827}')).toEqual({
      several: '0.1000000000000000055511151231257827',
    });
  });

  it('are read line by line in the same way', () => {
    expect(readers(operation('lines').field).item('1.50')).toBe('1.50');
    expect(readers(operation('lines').field).whole('[1.50, null]')).toEqual(['1.50', null]);
  });

  it('of another form than promised are left for others to judge', () => {
    for (const text of ['[[1.5]]', 'null', '{"rates":3,"inner":{"price":[]},"item":[],"price":{"a":1}}'])
      expect(read(text)).toEqual(JSON.parse(text));
  });

  it('without a Decimal are read as ever', () => {
    expect(readers(operation('other').field)).toBe(plainReader);
    expect(createDecimalReaders([operation('other').field], schema, SOURCE)(operation('row').field)).toBe(plainReader);
  });
});

describe('requests', () => {
  const body = (value: unknown, name = 'inBody') => send(name, { input: value }).body;

  it('carry the digits of a literal or a string into bodies, paths and queries', () => {
    const law = (n: string): void => {
      for (const given of [decimal.parseLiteral(parseValue(n)), decimal.parseValue(n)]) {
        expect(body({ cost: given })).toBe(`{"cost":${n}}`);
        expect(body({ text: given })).toBe(`{"text":"${n}"}`);
        expect(body({ only: { value: given } })).toBe(`{"only":${n}}`);
        expect(decodeURIComponent(send('inPath', { d: given }).path)).toBe(`/x/${n}`);
        expect(decodeURIComponent(send('inQuery', { d: given }).path)).toBe(`/x?d=${n}`);
        expect(new URLSearchParams(String(body({ cost: given }, 'inForm'))).get('cost')).toBe(n);
        expect(body([{ cost: given }, { text: given }], 'inLines')).toBe(`{"cost":${n}}\n{"text":"${n}"}\n`);
      }
    };
    KNOWN.forEach(law);
    fc.assert(fc.property(number, law), { numRuns: 500 });
  });

  it('carry 64-bit integers into bodies digit by digit', () => {
    const big = (text: string) => body(scalar('Int64').parseValue(text), 'big');
    for (const text of ['9007199254740993', '9223372036854775807', '-9223372036854775808', '5'])
      expect(big(text)).toBe(text);
    expect(body(scalar('Int64').parseLiteral(parseValue('9007199254740993')), 'big')).toBe('9007199254740993');
  });

  it('carry scalars of several as they were given', () => {
    const several = scalar('DecimalOrString');
    const yes = scalar('BooleanOrDecimal');
    expect(body({ several: several.parseLiteral(parseValue('1.50')) })).toBe('{"several":1.5}');
    expect(body({ several: several.parseLiteral(parseValue('10000.00000000005')) })).toBe(
      '{"several":10000.00000000005}',
    );
    expect(body({ several: several.parseLiteral(parseValue('"1.50"')) })).toBe('{"several":"1.50"}');
    expect(body({ yes: yes.parseLiteral(parseValue('0.1000000000000000055511151231257827')) })).toBe(
      '{"yes":0.1000000000000000055511151231257827}',
    );
    expect(body({ yes: yes.parseLiteral(parseValue('true')) })).toBe('{"yes":true}');
  });

  it.each([
    ['BooleanOrInt64', 5, '5'],
    ['BooleanOrInt64', '5', '5'],
    ['BooleanOrInt64', true, 'true'],
    ['BooleanOrInt64', '9007199254740993', '9007199254740993'],
    ['BooleanOrUInt64', 5, '5'],
    ['BooleanOrUInt64', '18446744073709551615', '18446744073709551615'],
    ['FloatOrUInt64', 1.5, '1.5'],
    ['FloatOrUInt64', '9007199254740993', '9007199254740993'],
    ['Int64OrUUID', '9007199254740993', '9007199254740993'],
    ['Int64OrUUID', '6f1c2b1e-0000-4000-8000-000000000001', '"6f1c2b1e-0000-4000-8000-000000000001"'],
    ['Int64OrString', 5, '5'],
    ['Int64OrString', '5', '"5"'],
    ['Int64OrString', '007', '"007"'],
    ['Int64OrString', '9007199254740993', '"9007199254740993"'],
    ['BytesOrInt64', 5, '5'],
    ['BytesOrInt64', '1234', '"1234"'],
  ])('carry %s: %j into a body of JSON as %s', (name, value, sent) => {
    const { parseValue: parse } = scalar(name);
    expect(body({ [name]: parse(value) }, 'wide')).toBe(`{"${name}":${sent}}`);
    expect(body({ [name]: [parse(value)] }, 'wide')).toBe(`{"${name}":[${sent}]}`);
  });

  it('carry long literals of 64-bit integers beside others, and the same text into paths and queries', () => {
    const wide = scalar('BooleanOrInt64').parseLiteral(parseValue('9007199254740993'));
    expect(body({ BooleanOrInt64: wide }, 'wide')).toBe('{"BooleanOrInt64":9007199254740993}');
    expect(send('wideInQuery', { d: wide }).path).toBe('/x?d=9007199254740993');
    for (const [value, sent] of [
      [5, '5'],
      ['5', '5'],
      ['007', '007'],
    ] as const)
      expect(send('wideInPath', { d: scalar('Int64OrString').parseValue(value) }).path).toBe(`/x/${sent}`);
    for (const value of [5, '5', '05'])
      expect(send('wideInQuery', { d: scalar('BooleanOrInt64').parseValue(value) }).path).toBe('/x?d=5');
  });

  it('never carry a number beside 64-bit integers that was rounded on its way', () => {
    for (const name of ['BooleanOrInt64', 'Int64OrString'])
      expect(() => scalar(name).parseValue(9007199254740992)).toThrow(/takes a value of/);
  });

  it.each([['1,5'], ['+1'], ['.5'], ['01'], ['1.'], ['NaN'], [''], ['1 '], ['1\n'], [true], [{}], [[1]], [Infinity]])(
    'never carry %j',
    (value) => {
      expect(() => decimal.parseValue(value)).toThrow(/decimal number/);
    },
  );

  it('never carry a number of the variables that may have been rounded on its way', () => {
    for (const value of [9007199254740992, 123456789.12345678]) expect(() => decimal.parseValue(value)).toThrow();
    for (const value of [0, -1.5, 1e300, 123456789012345]) expect(decimal.parseValue(value)).toBe(value);
  });

  it('never carry more than 1000 characters', () => {
    expect(decimal.parseValue('1'.repeat(1000))).toHaveLength(1000);
    expect(() => decimal.parseValue('1'.repeat(1001))).toThrow();
    for (const name of ['Decimal', 'DecimalOrString'])
      expect(() => scalar(name).parseLiteral(parseValue('1'.repeat(1001)))).toThrow();
  });
});

describe('what is no number', () => {
  it.each([['abc'], [{}], [[]], [true]])('%j is a fault of the source', (value) => {
    expect(() => decimal.serialize(value)).toThrow(/no Decimal/);
  });
});
