/** What the schemas of a contract become; what peers' users met is named after the peers' issues. */
import { isEnumType, isInputObjectType, isInterfaceType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { json, schemaOf, signatures } from './kit.ts';
import { integer, made, object, ref, string, thing } from './made.ts';

describe('one property', () => {
  it.each([
    ['text', string, 'String', 'String'],
    ['a date and time', { ...string, format: 'date-time' }, 'DateTime', 'DateTime'],
    ['a file', { ...string, format: 'binary' }, 'Bytes', 'Bytes'],
    ['mesh#1355 64 bits', { ...integer, format: 'int64' }, 'Int64', 'Int64'],
    ['64 bits as text', { ...string, format: 'int64' }, 'Int64', 'Int64'],
    ['a decimal number', { type: 'number', format: 'decimal' }, 'Decimal', 'Decimal'],
    ['a decimal number of another spelling', { type: 'number', format: 'Big-Decimal' }, 'Decimal', 'Decimal'],
    ['a decimal number as text', { ...string, format: 'bigdecimal' }, 'Decimal', 'Decimal'],
    [
      'a decimal number among others',
      { oneOf: [integer, { type: 'number' }, { type: 'number', format: 'decimal' }] },
      'Decimal',
      'Decimal',
    ],
    [
      'a decimal number or text',
      { oneOf: [string, { type: 'number', format: 'decimal' }] },
      'DecimalOrString',
      'DecimalOrString',
    ],
    ['an example beyond 32 bits', { ...integer, example: 1484811043508 }, 'Int64', 'Int64'],
    ['a bound below which all lie', { ...integer, exclusiveMaximum: 5_000_000_000 }, 'Int64', 'Int64'],
    ['parts that contradict each other', { allOf: [string, integer] }, 'Int', 'Int'],
    ['a bound beyond 32 bits', { ...integer, maximum: 2 ** 40 }, 'Int64', 'Int64'],
    ['a type that JSON Schema does not know', { type: 'int' }, 'Int', 'Int'],
    ['mesh#4880 scalars of two types', { oneOf: [string, integer] }, 'IntOrString', 'IntOrString'],
    ['a list of types', { type: ['string', 'boolean', 'null'] }, 'BooleanOrString', 'BooleanOrString'],
    ['numbers of two types', { anyOf: [integer, { type: 'number' }] }, 'Float', 'Float'],
    ['mesh#8719 anyOf with null', { anyOf: [string, { type: 'null' }] }, 'String', 'String'],
    ['an empty nullable member', { anyOf: [ref('Other'), { nullable: true }] }, 'Other', 'OtherInput'],
    ['an open list of texts', { anyOf: [string, { ...string, enum: ['a', 'b'] }] }, 'String', 'String'],
    ['constants as an enum', { oneOf: [{ const: 'a', title: 'A' }, { const: 'b' }] }, 'ThingP', 'ThingP'],
    ['numbers to choose from', { enum: [1, 2, 3] }, 'Int', 'Int'],
    ['a list', { type: 'array', items: string }, '[String]', '[String!]'],
    ['lists of lists', { type: 'array', items: { type: 'array', items: integer } }, '[[Int]]', '[[Int!]!]'],
    [
      'lists of two types',
      {
        oneOf: [
          { type: 'array', items: string },
          { type: 'array', items: integer },
        ],
      },
      '[IntOrString]',
      '[IntOrString!]',
    ],
    ['a map of texts', { type: 'object', additionalProperties: string }, '[StringEntry!]', '[StringEntryInput!]'],
    ['a reference beside a text', { $ref: '#/components/schemas/Other', description: 'x' }, 'Other', 'OtherInput'],
    ['allOf around one', { allOf: [ref('Other')], nullable: true }, 'Other', 'OtherInput'],
    ['text or object', { oneOf: [string, ref('Other')] }, 'OtherOrString', 'ThingPInput'],
    ['anything', {}, 'JSON', 'JSON'],
    ['an object without properties', { type: 'object' }, 'JSON', 'JSON'],
  ])('(%s) has a type on both sides', async (_title, schema, out, sent) => {
    const result = await made({ ...thing({ p: schema }), Other: object({ x: string }) });
    expect(signatures(schemaOf(result), 'Thing')).toEqual([`p: ${out}`]);
    expect(signatures(schemaOf(result), 'ThingInput')).toEqual([`p: ${sent}`]);
  });
});

describe('objects', () => {
  it('mesh#8607 of nested allOf have the properties of all, the closest word counts', async () => {
    const result = await made({
      Thing: {
        allOf: [
          { allOf: [ref('Base'), object({ b: integer })] },
          object({ c: string, a: { ...string, enum: ['x', 'y'] } }),
        ],
      },
      Base: object({ a: string }, ['a']),
    });
    expect(signatures(schemaOf(result), 'Thing')).toEqual(['a: ThingA', 'b: Int', 'c: String']);
  });

  it('mesh#3942 in a circle, IBM#355 in lists of alternatives, keep their types', async () => {
    const result = await made({
      Thing: object({ up: ref('Thing'), parts: { type: 'array', items: ref('Part') } }),
      Part: { oneOf: [ref('Thing'), ref('Leaf')] },
      Leaf: object({ leaf: string }, ['leaf']),
    });
    expect(signatures(schemaOf(result), 'Thing')).toEqual(['parts: [Part]', 'up: Thing']);
    expect(result.report.fallbacks).toEqual([]);
  });

  it('that must hold themselves without end let one link go in inputs, and the report says so', async () => {
    const result = await made({ Thing: object({ b: ref('Other') }, ['b']), Other: object({ a: ref('Thing') }, ['a']) });
    const inputs = ['ThingInput', 'OtherInput'].flatMap((name) => signatures(schemaOf(result), name));
    expect(inputs.filter((text) => text.endsWith('!'))).toHaveLength(1);
    expect(result.report.notes).toHaveLength(1);
  });

  it('are read once, however many ways lead to them', async () => {
    const chain = (keyword: string): Record<string, unknown> =>
      Object.fromEntries(
        Array.from({ length: 40 }, (_, n) => [
          `${keyword}${n}`,
          { [keyword]: [ref(`${keyword}${n + 1}`), ref(`${keyword}${n + 1}`)] },
        ]),
      );
    const end = object({ x: string }, ['x']);
    const Thing = object({ all: ref('allOf0'), one: ref('oneOf0') });
    const result = await made({ Thing, ...chain('allOf'), ...chain('oneOf'), allOf40: end, oneOf40: end });
    expect(signatures(schemaOf(result), 'Thing')).toEqual(['all: AllOf0', 'one: OneOf40']);
  });

  it('that are lists of themselves end in JSON', async () => {
    const result = await made({ Thing: object({ list: ref('List') }), List: { type: 'array', items: ref('List') } });
    expect(signatures(schemaOf(result), 'Thing')).toEqual(['list: [JSON]']);
  });

  it('that include themselves by allOf end', async () => {
    const result = await made({
      Thing: { allOf: [ref('Other'), object({ a: string })] },
      Other: { allOf: [ref('Thing'), object({ b: string })] },
    });
    expect(signatures(schemaOf(result), 'Thing')).toEqual(['a: String', 'b: String']);
  });

  it('show answers what is read, inputs what is written', async () => {
    const Thing = object({ id: { ...string, readOnly: true }, secret: { ...string, writeOnly: true }, both: string }, [
      'id',
      'both',
    ]);
    const result = await made({ Thing });
    expect(signatures(schemaOf(result), 'Thing')).toEqual(['both: String', 'id: String']);
    expect(signatures(schemaOf(result), 'ThingInput')).toEqual(['both: String!', 'secret: String']);
  });

  it('keep what is required and nowhere described', async () => {
    const result = await made({ Thing: object({ a: string }, ['a', 'b']) });
    expect(signatures(schemaOf(result), 'ThingInput')).toEqual(['a: String!', 'b: JSON!']);
    expect(result.report.fallbacks.map(({ pointer }) => pointer)).toEqual(['/components/schemas/Thing/required/1']);
  });

  it('mesh#611 IBM#87 of one name in two spellings stay two', async () => {
    const result = await made({
      Thing: object({ a: ref('user'), b: ref('User') }),
      user: object({ x: string }),
      User: object({ y: string }),
    });
    expect(signatures(schemaOf(result), 'Thing')).toEqual(['a: User2', 'b: User']);
  });

  it('named like what GraphQL or the gateway defines make room', async () => {
    const names = ['Query', 'Date', 'JSON', 'Subscription', 'String'];
    const result = await made({
      ...thing(Object.fromEntries(names.map((name) => [name, ref(name)]))),
      ...Object.fromEntries(names.map((name) => [name, object({ x: string })])),
    });
    const found = signatures(schemaOf(result), 'Thing').map((text) => text.split(': ')[1]);
    expect(found.sort()).toEqual(['Date2', 'JSON2', 'Query2', 'String2', 'Subscription2']);
  });

  it('that are built upon by others are interfaces, without the fields that a child says otherwise', async () => {
    const result = await made({
      Thing: { ...(object({ type: string, id: string }, ['type']) as object), discriminator: { propertyName: 'type' } },
      Child: { allOf: [ref('Thing'), object({ id: integer, own: string })] },
    });
    const type = schemaOf(result).getType('Thing');
    expect(isInterfaceType(type) && Object.keys(type.getFields())).toEqual(['type']);
    expect(signatures(schemaOf(result), 'Child')).toEqual(['id: Int', 'own: String', 'type: String']);
    expect(signatures(schemaOf(result), 'ThingInput')).toEqual(['child: ChildInput', 'thing: ThingBaseInput']);
  });
});

describe('enums', () => {
  it('mesh#6643 mesh#4490 give every text a name, and no two the same', async () => {
    const values = ['a-b', 'a_b', 'true', '', '1st', '>=', '<=', '-name', 'name', '__x', 'ü'];
    const result = await made(thing({ p: { ...string, enum: values } }));
    const type = schemaOf(result).getType('ThingP');
    const found = isEnumType(type) ? type.getValues().map(({ name }) => name) : [];
    expect(new Set(found).size).toBe(values.length);
    expect(found).toContain('a_b');
    expect(found).toContain('name');
  });

  it('of one value are constants, which inputs need not say', async () => {
    const result = await made({ Thing: object({ kind: { const: 'thing' } }, ['kind']) });
    const input = schemaOf(result).getType('ThingInput');
    expect(isInputObjectType(input) && input.getFields()['kind']?.defaultValue).toBe('thing');
  });
});

describe('what GraphQL cannot say', () => {
  it('is JSON, and the report names the place and the reason', async () => {
    const result = await made(
      thing({
        any: {},
        tuple: { type: 'array', prefixItems: [string, integer] },
        lost: { $ref: '#/components/schemas/Nope' },
        'a/b': { type: 'object' },
      }),
    );
    const told = new Map(result.report.fallbacks.map(({ pointer, reason }) => [pointer, reason]));
    const at = '/components/schemas/Thing/properties';
    expect(told.get(`${at}/any`)).toMatch(/type/);
    expect(told.get(`${at}/tuple`)).toMatch(/tuple/);
    expect(told.get(`${at}/lost`)).toBe('`#/components/schemas/Nope` leads nowhere');
    expect(told.get(`${at}/a~1b`)).toMatch(/not declared/);
  });

  it('is told of webhooks, callbacks and answers of another form', async () => {
    const calls = {
      post: {
        operationId: 'call',
        callbacks: { done: {} },
        responses: { '200': json(string), '202': json({ type: 'object', properties: { a: string } }) },
      },
    };
    const result = await made(thing({ a: string }), { '/call': calls });
    expect(result.report.notes.map(({ pointer }) => pointer)).toEqual([
      '/paths/~1call/post/callbacks/done',
      '/paths/~1call/post/responses/202/content/application~1json/schema',
    ]);
  });
});
