/** Requests with files (GraphQL multipart request specification), from the client through the gateway to a source. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../kit/until.ts';
import {
  ALLOWED,
  BYTES,
  FORM,
  formOf,
  map,
  onePhoto,
  operations,
  type Parts,
  png,
  type Received,
  startUploads,
  type UploadKit,
} from './upload-kit.ts';

let kit: UploadKit;
let received: Received[];

beforeAll(async () => {
  kit = await startUploads();
  received = kit.received;
});

afterAll(() => kit[Symbol.asyncDispose]());

beforeEach(() => {
  received.length = 0;
  kit.answerWith(200);
});

const send: UploadKit['send'] = (...request) => kit.send(...request);

describe('a file', () => {
  it('reaches a form of parts with its name and type', async () => {
    expect(await send([...onePhoto, ['0', png('pixels', 'my "cat".png')]])).toEqual({
      status: 200,
      data: { form: { ok: true } },
    });
    expect(received.map(({ path }) => path)).toEqual(['/form']);
    expect(await formOf(received[0])).toEqual([
      ['title', 't'],
      ['photo', { name: 'my "cat".png', type: 'image/png', text: 'pixels' }],
    ]);
  });

  it('is of the first type that the contract lists, where its own is none of them', async () => {
    await send([...onePhoto, ['0', new File(['x'], 'a.txt', { type: 'text/plain' })]]);
    expect(await formOf(received[0])).toContainEqual(['photo', { name: 'a.txt', type: 'image/png', text: 'x' }]);
  });

  it('is a body of bytes, and files of a list are parts of one name', async () => {
    await send([operations(BYTES, { f: null }), map({ f: ['variables.f'] }), ['f', png('\u0000\u00ff')]]);
    expect(received[0]).toMatchObject({
      path: '/bytes',
      type: 'application/octet-stream',
      body: Buffer.from('\u0000\u00ff'),
    });
    const list = operations(FORM, { input: { more: [null, null] } });
    await send([
      list,
      map({ a: ['variables.input.more.0'], b: ['variables.input.more.1'] }),
      ['a', png('1')],
      ['b', png('2')],
    ]);
    expect((await formOf(received[1])).map(([name, file]) => [name, (file as { text: string }).text])).toEqual([
      ['more', '1'],
      ['more', '2'],
    ]);
  });

  it('may be base64 text as before', async () => {
    const { body } = await kit.app.query(BYTES, { variables: { f: 'AP+J' } });
    expect(body).toEqual({ data: { bytes: { ok: true } } });
    expect(received[0]?.body).toEqual(Buffer.from([0, 255, 137]));
  });

  it('is on its way to the source while the client still sends it', async () => {
    const boundary = 'b';
    const lines = (name: string, text: string) =>
      `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
    const answer = new Promise<string>((resolve, reject) => {
      const request = httpRequest(`${kit.url}/graphql`, {
        method: 'POST',
        headers: { ...ALLOWED, 'content-type': `multipart/form-data; boundary=${boundary}` },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve(text));
      });
      request.write(lines(...operations(BYTES, { f: null })) + lines(...map({ f: ['variables.f'] })));
      request.write('--b\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\n');
      request.write('x'.repeat(200_000));
      until(() => (received[0]?.body.length ?? 0) > 100_000).then(() => request.end('the end\r\n--b--\r\n'), reject);
    });
    expect(JSON.parse(await answer)).toEqual({ data: { bytes: { ok: true } } });
    expect(received[0]?.body.subarray(-7).toString()).toBe('the end');
    expect(received[0]?.body).toHaveLength(200_007);
  });
});

describe('several files', () => {
  const two = 'mutation ($a: Bytes!, $b: Bytes!) { first: bytes(input: $b) second: again(input: $a) }';
  const parts = (a: string): Parts => [
    operations(two, { a: null, b: null }),
    map({ a: ['variables.a'], b: ['variables.b'] }),
    ['a', png(a)],
    ['b', png('of b')],
  ];

  it('may be used in another order than they come in, within bounds', async () => {
    expect((await send(parts('of a'))).data).toEqual({ first: { ok: true }, second: { ok: true } });
    expect(received.map(({ path, body }) => [path, body.toString()])).toEqual([
      ['/bytes', 'of b'],
      ['/again', 'of a'],
    ]);
  });

  it('beyond the bounds fail alone, and say in which order they belong', async () => {
    const { data, errors } = await send(parts('x'.repeat(300_000)));
    expect(data).toEqual({ first: { ok: true }, second: null });
    expect(errors).toMatchObject([{ message: expect.stringMatching(/order/), extensions: { code: 'BAD_REQUEST' } }]);
  });

  it('are not sent twice, neither to two places nor again when a call failed', async () => {
    const twice = 'mutation ($f: Bytes!) { a: bytes(input: $f) b: bytes(input: $f) }';
    const once = await send([operations(twice, { f: null }), map({ f: ['variables.f'] }), ['f', png('x')]]);
    expect(once).toMatchObject({
      data: { a: { ok: true }, b: null },
      errors: [{ message: expect.stringMatching(/one place only/) }],
    });
    received.length = 0;
    kit.answerWith(503);
    const again = 'mutation ($f: Bytes!) { again(input: $f) }';
    const failed = await send([operations(again, { f: null }), map({ f: ['variables.f'] }), ['f', png('x')]]);
    expect(failed.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_FAILED' } }]);
    expect(received).toHaveLength(1);
  });
});

describe('a file where none can go', () => {
  it.each([
    ['in JSON', 'mutation ($f: Bytes!) { json(input: { photo: $f }) }'],
    ['in free JSON', 'mutation ($f: JSON!) { json(input: { any: { deep: [$f] } }) }'],
  ])('%s is refused before anything is sent', async (_title, query) => {
    const { data, errors } = await send([operations(query, { f: null }), map({ f: ['variables.f'] }), ['f', png('x')]]);
    expect(data).toEqual({ json: null });
    expect(errors).toMatchObject([{ message: expect.stringMatching(/base64/), extensions: { code: 'BAD_REQUEST' } }]);
    expect(received).toEqual([]);
  });

  it('is let go when the document is not valid, and the next request is served', async () => {
    const parts: Parts = [
      operations('mutation { nothing }', { f: null }),
      map({ f: ['variables.f'] }),
      ['f', png('x'.repeat(300_000))],
    ];
    expect((await send(parts)).errors).toMatchObject([{ extensions: { code: 'VALIDATION_FAILED' } }]);
    expect((await send([...onePhoto, ['0', png('x')]])).data).toEqual({ form: { ok: true } });
  });
});
