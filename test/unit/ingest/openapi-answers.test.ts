/** What an operation answers whose successes have other forms under other statuses. */
import { describe, expect, it } from 'vitest';
import { json, openapi, read, schemaOf } from './kit.ts';
import { integer, members, object, string } from './made.ts';

const done = object({ id: string, state: string }, ['id', 'state']);

/** The type of the answer, and the notes. */
async function answered(responses: Record<string, unknown>, policy: unknown = {}) {
  const paths = { '/jobs': { post: { operationId: 'run', responses } } };
  const result = await read({
    files: openapi(
      paths,
      { Done: done, Rows: { type: 'array', items: { $ref: '#/components/schemas/Done' } } },
      '3.1.0',
    ),
    policy,
  });
  const field = schemaOf(result).getMutationType()?.getFields()['run'];
  return { result, type: String(field?.type), notes: result.report.notes.map(({ text }) => text) };
}

const ref = (name: string) => json({ $ref: `#/components/schemas/${name}` });
const note = (status: string) =>
  `answers with status ${status} have another form: they are read as the first one, and what does not fit is null or an error`;

describe('successes of several statuses', () => {
  it('with objects of their own are a union that the status tells apart', async () => {
    const { result, type, notes } = await answered({ 200: ref('Done'), 202: json(object({ retry: integer })) });
    expect([type, notes]).toEqual(['RunAnswer', []]);
    expect(members(result, 'RunAnswer')).toEqual(['Done', 'RunResponse202']);
    expect(result.text).toContain('field: ":status", mapping: [["200", "Done"], ["202", "RunResponse202"]]');
  });
  it.each([
    ['the same schema', ref('Done')],
    ['less of the same', json(object({ state: string }))],
    ['no body', { description: 'none' }],
  ])('of which one has %s are one type', async (_, other) => {
    const { type, notes } = await answered({ 200: ref('Done'), 202: other });
    expect([type, notes]).toEqual(['Done', []]);
  });
  it('are each a member, also where another one has the same form or part of it', async () => {
    const { result } = await answered({
      200: ref('Done'),
      201: ref('Done'),
      202: json(object({ retry: integer })),
      203: json(object({ state: string })),
      206: ref('Rows'),
    });
    expect(members(result, 'RunAnswer')).toEqual(['Done', 'RunResponse202']);
    expect(result.text).toContain(
      'mapping: [["200", "Done"], ["201", "Done"], ["202", "RunResponse202"], ["203", "Done"]]',
    );
  });
  it('of which one lacks what the other requires stay apart where that is non-null', async () => {
    const { type } = await answered(
      { 200: ref('Done'), 202: json(object({ state: string })) },
      { nullability: 'strict' },
    );
    expect(type).toBe('RunAnswer');
  });
  it.each([
    ['a list', ref('Rows')],
    ['a map', json({ type: 'object', additionalProperties: string })],
    ['a choice', json({ oneOf: [object({ a: string }, ['a']), object({ b: string }, ['b'])] })],
    ['text', { description: 'ok', content: { 'text/plain': { schema: string } } }],
  ])('of which one is %s are read as the first, and the report says so', async (_, other) => {
    const { type, notes } = await answered({ 200: ref('Done'), 202: other });
    expect([type, notes.filter((text) => text.includes('status'))]).toEqual(['Done', [note('202')]]);
  });
  it('of which the first is a list are read as it', async () => {
    const { type, notes } = await answered({ 200: ref('Rows'), 202: ref('Done') });
    expect([type, notes]).toEqual(['[Done]', [note('202')]]);
  });
});
