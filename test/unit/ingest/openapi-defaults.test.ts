/** Defaults of parameters: what becomes one of the argument, and what is left to the source and said. */
import { expect, it } from 'vitest';
import { get, openapi, read, schemaOf } from './kit.ts';
import { string } from './made.ts';

async function readDefault(schema: Record<string, unknown>) {
  const parameters = [{ name: 'p', in: 'query', schema }];
  const made = await read({ files: openapi({ '/a': get('a', string, { parameters }) }) });
  const [arg] = schemaOf(made).getQueryType()?.getFields()['a']?.args ?? [];
  return { value: arg?.defaultValue, notes: made.report.notes.map(({ pointer, text }) => `${pointer}: ${text}`) };
}

it.each<[Record<string, unknown>, unknown]>([
  [{ type: 'integer', default: 7 }, 7],
  [{ type: 'boolean', default: false }, false],
  [{ type: 'array', items: { type: 'string' }, default: ['x', 'y'] }, ['x', 'y']],
  [{ type: 'array', items: { type: 'integer' }, default: [] }, []],
  [{ type: 'integer', format: 'int64', default: 12 }, '12'],
  [{ type: 'array', items: { type: 'array', items: { type: 'integer' } }, default: [[1, 2], [3]] }, [[1, 2], [3]]],
])('%j is one of the argument', async (schema, value) => {
  expect(await readDefault(schema)).toEqual({ value, notes: [] });
});

it.each<Record<string, unknown>>([
  { type: 'object', properties: { n: { type: 'integer' } }, default: { n: 5 } },
  { type: 'integer', default: 'seven' },
  { type: 'array', items: { type: 'integer' }, default: [1, 'two'] },
])('%j is left to the source, and the report says so', async (schema) => {
  const { value, notes } = await readDefault(schema);
  expect(value).toBeUndefined();
  expect(notes).toEqual([
    '/paths/~1a/get/parameters/0/schema/default: this default is left to the source: nothing is sent',
  ]);
});

it('that a double cannot hold is left to the source rather than rounded', async () => {
  const parameters = [{ name: 'p', in: 'query', schema: { type: 'integer', format: 'int64', default: 'LONG' } }];
  const files = openapi({ '/a': get('a', string, { parameters }) });
  const long = Object.entries(files).map(([name, text]) => [name, String(text).replace('"LONG"', '9007199254740993')]);
  const made = await read({ files: Object.fromEntries(long) });
  const [arg] = schemaOf(made).getQueryType()?.getFields()['a']?.args ?? [];
  expect(arg?.defaultValue).toBeUndefined();
  expect(made.report.notes.map(({ pointer }) => pointer)).toEqual(['/paths/~1a/get/parameters/0/schema/default']);
});
