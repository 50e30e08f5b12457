/** The service that speaks Swagger 2.0: what its contract says of lists, forms and files holds on the wire. */
import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGallery } from '../../examples/gallery/server.ts';
import { createPictures } from '../../examples/lib/data/pictures.ts';
import { operationsOf, readContract } from '../../examples/lib/rest/contract.ts';
import type { RunningServer } from '../../examples/lib/running-server.ts';
import { ask, json, rowsOf } from './clients.ts';

const CONTRACT = new URL('../../sources/gallery/openapi.yaml', import.meta.url);

let gallery: RunningServer;

beforeAll(async () => {
  gallery = await startGallery();
});

afterAll(async () => {
  await gallery[Symbol.asyncDispose]();
});

function upload(fields: Record<string, string | Blob>): Promise<Awaited<ReturnType<typeof ask>>> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return ask(`${gallery.url}/pictures`, { method: 'POST', body });
}

describe('reads', () => {
  test('keep the contract', async () => {
    expect(await readFile(CONTRACT, 'utf8')).toMatch(/^swagger: "2\.0"$/m);
    const { components } = await readContract(CONTRACT);
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile({ type: 'array', minItems: 1, items: components.schemas['Picture'], components });
    const { body } = await ask(`${gallery.url}/pictures?limit=200`);
    expect(validate(body) ? null : ajv.errorsText(validate.errors)).toBeNull();
  });

  test('take ids by repeated name and product ids by comma, answer backwards, and leave out what is not there', async () => {
    const byId = rowsOf<{ id: string }>(await ask(`${gallery.url}/pictures?ids=pic_00001&ids=nobody&ids=pic_00003`));
    expect(byId.map(({ id }) => id)).toEqual(['pic_00003', 'pic_00001']);
    const byProduct = rowsOf<{ productId: string }>(
      await ask(`${gallery.url}/pictures?productIds=prd_0001,prd_0020,prd_0002&limit=1`),
    );
    expect([...new Set(byProduct.map(({ productId }) => productId))]).toEqual(['prd_0002', 'prd_0001']);
  });

  test('take one key alone, and filter', async () => {
    const rows = rowsOf<{ angle: string }>(await ask(`${gallery.url}/pictures?angle=close-up&limit=200`));
    expect(new Set(rows.map(({ angle }) => angle))).toEqual(new Set(['close-up']));
    expect(rowsOf(await ask(`${gallery.url}/pictures?productIds=prd_0001`)).length).toBeGreaterThan(0);
  });

  test('give fingerprints with all their digits', async () => {
    const [first] = createPictures();
    const { text } = await ask(`${gallery.url}/pictures/pic_00001`);
    expect(text).toContain(`"fingerprint":${first?.fingerprint},`);
    expect(Number.isSafeInteger(Number(first?.fingerprint))).toBe(false);
  });

  test('give the bytes of a file', async () => {
    const response = await fetch(`${gallery.url}/pictures/pic_00001/file`);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(createPictures()[0]?.bytes);
  });
});

test('an upload is a picture, can be changed and removed', async () => {
  const bytes = Buffer.from([0, 1, 13, 10, 45, 45, 255, 254]);
  const file = new Blob([bytes], { type: 'image/png' });
  const made = await upload({ productId: 'prd_0020', file, caption: 'Née "à" Gand', position: '7' });
  expect(made).toMatchObject({
    status: 201,
    body: {
      productId: 'prd_0020',
      angle: 'front',
      caption: 'Née "à" Gand',
      position: 7,
      mediaType: 'image/png',
      byteCount: 8,
    },
  });
  const url = `${gallery.url}/pictures/${(made.body as { id: string }).id}`;
  expect(Buffer.from(await (await fetch(`${url}/file`)).arrayBuffer())).toEqual(bytes);
  const changed = await ask(url, json('PATCH', { angle: 'size-chart', caption: null }));
  expect(changed).toMatchObject({ status: 200, body: { angle: 'size-chart', caption: null, position: 7 } });
  expect(await ask(url, { method: 'DELETE' })).toMatchObject({ status: 204, text: '' });
  expect(await ask(url)).toMatchObject({ status: 404, body: { detail: expect.stringContaining('no picture') } });
});

describe('requests that break the contract are refused with 400', () => {
  const file = new Blob(['x'], { type: 'image/png' });

  test.each([
    ['keys by comma written by repeated name', '/pictures?productIds=prd_0001&productIds=prd_0002', /must be one text/],
    ['too many keys', `/pictures?productIds=${'x,'.repeat(500)}x`, /must NOT have more than 500 items/],
    ['an enum value by its GraphQL name', '/pictures?angle=close_up', /equal to one of/],
    ['an unknown parameter', '/pictures?product=prd_0001', /must not have product/],
  ])('%s', async (_, path, reason) => {
    expect(await ask(`${gallery.url}${path}`)).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(reason) },
    });
  });

  test.each([
    ['a form without its file', { productId: 'prd_0001' }, /required property 'file'/],
    ['a file that is text', { productId: 'prd_0001', file: 'text' }, /file must be object/],
    ['a position that is no number', { productId: 'prd_0001', file, position: 'first' }, /position must be integer/],
    ['a field nobody knows', { productId: 'prd_0001', file, admin: '1' }, /must not have admin/],
  ])('%s', async (_, fields, reason) => {
    expect(await upload(fields)).toMatchObject({ status: 400, body: { detail: expect.stringMatching(reason) } });
  });

  test('a form that is none', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const answer = await ask(`${gallery.url}/pictures`, { method: 'POST', headers, body: 'nothing of the kind' });
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining('not the form') } });
  });
});

test('all separators of Swagger 2.0 lists are known to the server', async () => {
  const operations = operationsOf(await readContract(CONTRACT));
  const separators = operations.flatMap(({ parameters }) => parameters.map(({ name, separator }) => [name, separator]));
  expect(Object.fromEntries(separators)).toMatchObject({ productIds: ',', ids: undefined, limit: undefined });
});
