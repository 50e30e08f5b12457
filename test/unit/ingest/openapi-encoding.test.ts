/** What a contract says of the parts of a form and is not done: the report tells of it. */
import { expect, it } from 'vitest';
import { json, openapi, read } from './kit.ts';
import { object, ref, string } from './made.ts';

const FORM = 'multipart/form-data';
const about = { contentType: 'application/xml' };
const schemas = {
  About: object({ a: string }),
  Form: object({
    about: ref('About'),
    all: { type: 'array', items: ref('About') },
    either: { oneOf: [string, ref('About')] },
    file: { type: 'string', format: 'binary' },
    'a/b': string,
  }),
};

async function notesOf(encoding: object, type = FORM, schema = ref('Form')): Promise<string[]> {
  const requestBody = { content: { [type]: { schema, encoding } } };
  const operation = { operationId: 'send', requestBody, responses: { '200': json(string) } };
  const { report } = await read({ files: openapi({ '/x': { post: operation } }, schemas) });
  const start = `/paths/~1x/post/requestBody/content/${type.replace('/', '~1')}/encoding/`;
  return report.notes.map(({ pointer, text }) => `${pointer.replace(start, '')} ${text}`);
}

it.each(['about', 'all', 'either'])('objects of %s that are to be no JSON are noted', async (property) => {
  const note = `${property}/contentType its objects are sent as application/json, not as application/xml`;
  expect(await notesOf({ [property]: about })).toEqual([note]);
  expect(await notesOf({ [property]: about }, 'application/x-www-form-urlencoded')).toEqual([note]);
});

it('headers of parts are noted, but for the one that does not count', async () => {
  const headers = {
    'X-Checksum': { schema: string },
    'content-type': { schema: string },
    'X-Part': { schema: string },
  };
  expect(await notesOf({ 'a/b': { headers }, file: { contentType: 'image/png', headers } })).toEqual([
    'a~1b/headers a part is sent without headers of its own: X-Checksum, X-Part',
    'file/headers a part is sent without headers of its own: X-Checksum, X-Part',
  ]);
});

it.each([
  ['objects that are JSON', { about: { contentType: 'application/vnd.x+json; a=b' } }, FORM],
  ['objects that may be JSON', { about: { contentType: 'application/xml, application/json' } }, FORM],
  ['objects that may be anything', { about: { contentType: 'application/*' } }, FORM],
  ['objects that have a style', { about: { ...about, style: 'deepObject' } }, FORM],
  ['text and bytes', { 'a/b': { contentType: 'text/csv' }, file: { contentType: 'application/xml' } }, FORM],
  ['what the form does not have', { other: { ...about, headers: { 'X-A': {} } } }, FORM],
  ['headers of a form without parts', { about: { headers: { 'X-A': {} } } }, 'application/x-www-form-urlencoded'],
  ['bodies that are no form', { about: { ...about, headers: { 'X-A': {} } } }, 'application/json'],
  ['what is no encoding', { about: 'application/xml', all: { contentType: 7, headers: 'X-A' } }, FORM],
])('nothing is noted of %s', async (_title, encoding, type) => {
  expect(await notesOf(encoding, type)).toEqual([]);
});

it('a schema that leads nowhere is no fault of the note', async () => {
  expect(await notesOf({ about }, FORM, ref('Nowhere'))).toEqual([]);
});
