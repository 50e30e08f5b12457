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
  type Other { n: Float }
  type Query {
    row: Row ${http('/row', 'params: []')}
    lines: [Decimal] ${http('/lines', 'params: []')}
    other: Other ${http('/other', 'params: []')}
    inPath(d: Decimal!): JSON ${http('/x/{d}', `params: [${param('path')}]`)}
    inQuery(d: Decimal): JSON ${http('/x', `params: [${param('query')}]`)}
    inBody(input: RowInput, big: Int64): JSON ${http('/x', 'params: [], body: { arg: "input", mediaType: "application/json" }')}
    big(input: Int64): JSON ${http('/x', 'params: [], body: { arg: "input", mediaType: "application/json" }')}
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
