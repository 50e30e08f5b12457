/** Bodies of requests, by media type. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyWriter } from '../../../gateway/connect/rest/body.ts';
import { readEncodings } from '../../../gateway/connect/rest/encoding.ts';

const BYTES = Buffer.from([0, 255, 13, 10, 45, 45]);

function written(
  mediaType: string,
  value: unknown,
  encoding?: unknown,
): { body: string | Buffer; contentType: string } {
  const { body, contentType } = bodyWriter(mediaType, readEncodings(encoding))?.(value) ?? {};
  if (contentType === undefined || (typeof body !== 'string' && !Buffer.isBuffer(body))) throw new Error('refused');
  return { body, contentType };
}

/** The parts of a form, read by the platform's own parser. */
async function parts(value: unknown, encoding?: unknown): Promise<[string, unknown][]> {
  const { body, contentType } = written('multipart/form-data', value, encoding);
  const form = await new Response(typeof body === 'string' ? body : new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData();
  const read = [...form].map(async ([name, part]): Promise<[string, unknown]> => {
    if (typeof part === 'string') return [name, part];
    const file = part as unknown as File;
    return [name, { name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()) }];
  });
  return Promise.all(read);
}

describe('a body', () => {
  it.each<[string, unknown, string | Buffer]>([
    ['application/json', { a: 1n, b: [null, BYTES], c: undefined }, '{"a":1,"b":[null,"AP8NCi0t"]}'],
    ['application/vnd.api+json', 'x', '"x"'],
    ['text/json; charset=utf-8', [1], '[1]'],
    ['application/x-ndjson', [{ a: 1 }, 2], '{"a":1}\n2\n'],
    ['application/jsonl', { a: 1 }, '{"a":1}\n'],
    ['application/json-seq', [1, 2], '\x1e1\n\x1e2\n'],
    ['application/geo+json-seq', [1, 2], '\x1e1\n\x1e2\n'],
    ['application/stream+json', [{ a: 1n }, [2]], '{"a":1}\n[2]\n'],
    ['application/x-ndjson', [], ''],
    ['text/plain', 'grüße', 'grüße'],
    ['text/plain', 1.5, '1.5'],
    ['text/csv', BYTES, BYTES],
    ['application/octet-stream', BYTES, BYTES],
    ['image/png', BYTES, BYTES],
    ['application/zip', BYTES, BYTES],
    ['application/yaml', 'a: 1', 'a: 1'],
    ['application/xml', '<a/>', '<a/>'],
    ['image/svg+xml', BYTES, BYTES],
  ])('of %s', (mediaType, value, body) => {
    expect(written(mediaType, value)).toEqual({ body, contentType: mediaType });
  });

  it.each([
    ['application/xml', { a: 1 }],
    ['text/xml', { a: 1 }],
    ['application/soap+xml', [1]],
    ['application/octet-stream', { a: 1 }],
    ['multipart/mixed', { a: 1 }],
    ['multipart/form-data', 'text'],
    ['multipart/form-data', [1]],
    ['multipart/form-data', BYTES],
  ])('of %s cannot be %j', (mediaType, value) => {
    expect(() => written(mediaType, value)).toThrow('refused');
  });
});

describe('a form in the way of a query', () => {
  const value = { a: 'x y', list: [1, 2], object: { b: 'c' }, none: null };
  it.each<[string, unknown, string]>([
    [
      'by itself has lists repeated and objects as JSON',
      undefined,
      'a=x%20y&list=1&list=2&object=%7B%22b%22%3A%22c%22%7D',
    ],
    ['has nested names', { object: { style: 'deepObject', explode: true } }, 'a=x%20y&list=1&list=2&object%5Bb%5D=c'],
    ['has fields beside it', { object: { style: 'form', explode: true } }, 'a=x%20y&list=1&list=2&b=c'],
    [
      'separates lists inside',
      { list: { inner: ['|'], style: 'form' } },
      'a=x%20y&list=1&list=2&object=%7B%22b%22%3A%22c%22%7D',
    ],
    ['joins lists', { list: { explode: false } }, 'a=x%20y&list=1,2&object=%7B%22b%22%3A%22c%22%7D'],
    ['joins lists by pipes', { list: { style: 'pipeDelimited' } }, 'a=x%20y&list=1%7C2&object=%7B%22b%22%3A%22c%22%7D'],
    [
      'has JSON where it says so',
      [['list', 'application/json']],
      'a=x%20y&list=%5B1%2C2%5D&object=%7B%22b%22%3A%22c%22%7D',
    ],
  ])('%s', (_title, encoding, body) => {
    expect(written('application/x-www-form-urlencoded', value, encoding).body).toBe(body);
  });

  it('numbers lists below nested names', () => {
    const nested = { items: [{ id: 1, tags: ['a', 'b'] }], expand: ['c'] };
    const deep = { style: 'deepObject', explode: true };
    const { body } = written('application/x-www-form-urlencoded', nested, { items: deep, expand: deep });
    expect(decodeURIComponent(String(body))).toBe('items[0][id]=1&items[0][tags][0]=a&items[0][tags][1]=b&expand[0]=c');
  });
});

describe('a form of parts', () => {
  it('has text, JSON, files and repeated parts, in their order', async () => {
    const value = {
      text: 'grüße\r\n',
      number: 1n,
      yes: true,
      object: { a: 1n },
      file: BYTES,
      list: ['a', 'b'],
      files: [BYTES, BYTES],
      none: null,
      empty: [],
    };
    const { body, contentType } = written('multipart/form-data', value);
    expect(contentType).toMatch(/^multipart\/form-data; boundary=tributary-[0-9a-f]{40}$/);
    expect(String(body)).toContain('name="object"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n');
    const file = (name: string) => ({ name, type: 'application/octet-stream', bytes: BYTES });
    expect(await parts(value)).toEqual([
      ['text', 'grüße\r\n'],
      ['number', '1'],
      ['yes', 'true'],
      ['object', '{"a":1}'],
      ['file', file('file')],
      ['list', 'a'],
      ['list', 'b'],
      ['files', file('files')],
      ['files', file('files')],
    ]);
  });

  it('has the media types that the contract gives its parts', async () => {
    const encoding = [
      ['image', 'image/*, image/png'],
      ['range', 'image/*'],
      ['text', 'text/markdown; charset=utf-8'],
      ['object', 'application/merge-patch+json'],
      ['evil', 'text/plain\r\nX-Evil: 1'],
    ];
    const value = { image: BYTES, range: BYTES, text: '# a', object: { a: 1 }, evil: 'x' };
    expect(await parts({ image: BYTES, range: BYTES }, encoding)).toMatchObject([
      ['image', { type: 'image/png' }],
      ['range', { type: 'application/octet-stream' }],
    ]);
    const text = String(written('multipart/form-data', value, encoding).body);
    expect(text).toContain('name="text"\r\nContent-Type: text/markdown; charset=utf-8\r\n\r\n# a');
    expect(text).toContain('name="object"\r\nContent-Type: application/merge-patch+json\r\n\r\n{"a":1}');
    expect(text).not.toContain('X-Evil');
  });

  it('has a list in one part where it is not to be exploded', async () => {
    expect(await parts({ a: ['x', 'y,z'] }, { a: { style: 'form', explode: false } })).toEqual([['a', 'x,y,z']]);
    expect(await parts({ a: [1, 2] }, { a: { style: 'pipeDelimited', explode: false } })).toEqual([['a', '1|2']]);
  });

  it.each([
    [{ style: 'form', explode: false, inner: ['|'] }, [['a', '1|2,3']]],
    [
      { style: 'form', explode: true, inner: [','] },
      [
        ['a', '1,2'],
        ['a', '3'],
      ],
    ],
    [
      { style: 'form', explode: true },
      [
        ['a', '[1,2]'],
        ['a', '[3]'],
      ],
    ],
  ])('writes lists inside of a list with %j as %j', async (encoding, sent) => {
    expect(await parts({ a: [[1, 2], [3]] }, { a: encoding })).toEqual(sent);
  });

  it('has an object in the style that is given, and as JSON without one', async () => {
    const value = { o: { a: 'x y', b: 'z' } };
    expect(await parts(value, { o: { style: 'form' } })).toEqual([
      ['a', 'x y'],
      ['b', 'z'],
    ]);
    expect(await parts(value, { o: { style: 'form', explode: false } })).toEqual([['o', 'a,x y,b,z']]);
    expect(await parts(value, { o: { style: 'deepObject', explode: true } })).toEqual([
      ['o[a]', 'x y'],
      ['o[b]', 'z'],
    ]);
    expect(await parts(value)).toEqual([['o', expect.anything()]]);
  });

  it('is the same for the same values, and can be empty', async () => {
    expect(written('multipart/form-data', { a: BYTES })).toEqual(written('multipart/form-data', { a: BYTES }));
    expect(String(written('multipart/form-data', { a: null }).body)).toMatch(/^--tributary-\w+--\r\n$/);
  });

  it('brings every name and value over, whatever is in them', async () => {
    const fields = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 5 });
    await fc.assert(
      fc.asyncProperty(fields, fc.uint8Array(), async (texts, bytes) => {
        const file = Buffer.from(bytes);
        const read = await parts({ ...texts, 'the file': file });
        const escaped = (text: string) => text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
        expect(read.at(-1)).toMatchObject(['the file', { bytes: file }]);
        const names = read.slice(0, -1).map(([name]) => escaped(name));
        expect(names).toEqual(Object.keys(texts).map(escaped));
        expect(read.slice(0, -1).map(([, text]) => text)).toEqual(Object.values(texts));
      }),
    );
  });
});
