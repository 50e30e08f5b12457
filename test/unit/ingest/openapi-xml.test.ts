/** What a contract says of XML, and where its types carry it. */
import { describe, expect, it } from 'vitest';
import { json, openapi, read, schemaOf, signatures } from './kit.ts';
import { integer, object, ref, string } from './made.ts';

const xml = (schema: unknown, type = 'application/xml') => ({ description: 'd', content: { [type]: { schema } } });
const schemas = {
  Pet: {
    type: 'object',
    xml: { name: 'pet', prefix: 'p', namespace: 'urn:pets' },
    properties: {
      id: { ...integer, xml: { attribute: true } },
      name: string,
      photoUrls: { type: 'array', xml: { name: 'ignored' }, items: { ...string, xml: { name: 'photoUrl' } } },
      tags: { type: 'array', xml: { name: 'allTags', wrapped: true }, items: ref('Tag') },
      plain: { type: 'array', xml: { wrapped: true }, items: string },
      category: ref('Category'),
    },
  },
  Tag: { ...(object({ id: integer }) as object), xml: { name: 'tag' } },
  Category: { ...(object({ id: integer }) as object), xml: { name: 'cat' } },
  Text: string,
};

async function made(operation: object): ReturnType<typeof read> {
  return await read({ files: openapi({ '/x': { put: { operationId: 'send', ...operation } } }, schemas, '3.0.3') });
}

const answering = (answer: object) => made({ responses: { '200': answer } });
const lines = (text: string) => text.split('\n').filter((line) => line.includes('@xml'));

describe('an answer in XML', () => {
  it('has the type of its schema, whose fields say how they are written where that is not plain', async () => {
    const result = await answering(xml(ref('Pet')));
    expect(signatures(schemaOf(result), 'Mutation')).toEqual(['send: Pet']);
    expect(lines(result.text).map((line) => line.trim())).toEqual([
      'id: Int @xml(subgraph: "api", attribute: true)',
      'photoUrls: [String] @xml(subgraph: "api", name: "photoUrl")',
      'tags: [Tag] @xml(subgraph: "api", wrapped: true, name: "allTags", item: "tag")',
      'plain: [String] @xml(subgraph: "api", wrapped: true)',
      'category: Category @xml(subgraph: "api", name: "cat")',
    ]);
  });

  it.each([
    ['a list', { type: 'array', items: ref('Pet') }, 'application/xml', '[Pet]'],
    ['of another type', ref('Pet'), 'application/vnd.shop+xml', '[Pet]'.slice(1, -1)],
    ['as text/xml', ref('Pet'), 'text/xml; charset=utf-8', 'Pet'],
    ['that is text', string, 'application/xml', 'String'],
    ['that is text by reference', ref('Text'), 'application/xml', 'String'],
    ['that is a picture', { ...string, format: 'binary' }, 'image/svg+xml', 'String'],
    ['of which nothing is said', {}, 'application/xml', 'String'],
    ['that cannot be found', ref('Nowhere'), 'application/xml', 'String'],
  ])('(%s) has a type', async (_title, schema, mediaType, type) => {
    expect(signatures(schemaOf(await answering(xml(schema, mediaType))), 'Mutation')).toEqual([`send: ${type}`]);
  });

  it('gives way to JSON, and then no type says anything of XML', async () => {
    const both = {
      description: 'd',
      content: { ...xml(ref('Pet')).content, ...(json(ref('Pet')) as { content: object }).content },
    };
    const { text } = await answering(both);
    expect(text).toContain('accept: "application/json"');
    expect(lines(text)).toEqual([]);
  });
});

describe('a body in XML', () => {
  const sending = (content: object, required = true) =>
    made({ requestBody: { required, content }, responses: { '204': { description: 'd' } } });

  it.each([
    [
      'an object',
      ref('Pet'),
      'input: PetInput! @xml(subgraph: "api", name: "pet", prefix: "p", namespace: "urn:pets")',
    ],
    [
      'a list',
      { type: 'array', items: ref('Tag') },
      'input: [TagInput!]! @xml(subgraph: "api", name: "root", item: "tag")',
    ],
    ['without names', object({ a: string }), 'input: SendInput! @xml(subgraph: "api", name: "root")'],
  ])('of %s names its outermost element', async (_title, schema, signature) => {
    const { text, report } = await sending({ 'application/xml': { schema } });
    expect(report.leftOut).toEqual([]);
    expect(text).toContain(`send(${signature})`);
  });

  it('comes after JSON, forms and text, before bytes', async () => {
    const { text } = await sending({ 'application/pdf': {}, 'text/xml': { schema: ref('Pet') } });
    expect(text).toContain('mediaType: "text/xml"');
    const form = await sending({ 'text/xml': { schema: ref('Pet') }, 'multipart/form-data': { schema: ref('Pet') } });
    expect(form.text).toContain('mediaType: "multipart/form-data"');
    expect(lines(form.text)).toEqual([]);
  });

  it('of which nothing is said is left out', async () => {
    const { text, report } = await sending({ 'application/xml': {} }, false);
    expect(report.notes).toEqual([expect.objectContaining({ text: expect.stringContaining('cannot be written') })]);
    expect(text).not.toContain('input');
  });
});
