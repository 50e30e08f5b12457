/** Requests with files that are refused, and the bounds they have. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ALLOWED,
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

describe('a request with files is refused', () => {
  const file: [string, File] = ['0', png('x')];
  const [first, second] = onePhoto as [Parts[0], Parts[0]];

  it.each<[string, Parts, RegExp]>([
    ['in another order', [second, first, file], /another order/],
    ['when a file comes first', [file, first, second], /before operations and map/],
    ['without a map', [first], /lacks a part/],
    ['when operations is no JSON', [['operations', '{'], second, file], /JSON/],
    ['when map is no JSON', [first, ['map', '{'], file], /"map" is not valid JSON/],
    ['when map is a list', [first, ['map', '[]'], file], /"map" must be an object/],
    ['when map has no lists', [first, map({ 0: 'variables.input.photo' }), file], /lists of paths/],
    ['when a place does not exist', [first, map({ 0: ['variables.input.nothing'] }), file], /no place of a variable/],
    ['when a place is taken', [first, map({ 0: ['variables.input.title'] }), file], /no place of a variable/],
    ['when a place is outside of variables', [first, map({ 0: ['query'] }), file], /no place of a variable/],
    [
      'when a place is every object’s',
      [first, map({ 0: ['variables.constructor.name'] }), file],
      /no place of a variable/,
    ],
    ['when a place is no text', [first, map({ 0: [{ a: 1 }] }), file], /no place of a variable/],
    [
      'with more files than allowed',
      [first, map({ 0: ['variables.input.photo'], 1: ['v'], 2: ['v'], 3: ['v'] }), file],
      /more than 3 files/,
    ],
    [
      'with operations that are too long',
      [operations(`{ ${'a '.repeat(2000)} }`, {}), second, file],
      /larger than 2000 bytes/,
    ],
  ])('%s', async (_title, parts, message) => {
    const { data, errors } = await send(parts);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ message: expect.stringMatching(message), extensions: { code: 'BAD_REQUEST' } }]);
    expect(received).toEqual([]);
  });

  it.each([
    ['that a page of another site could send', { 'x-other': '1' }, 415, /x-tributary-preflight/],
    ['with an empty header', { 'x-tributary-preflight': '' }, 415, /x-tributary-preflight/],
  ])('%s', async (_title, headers, code, message) => {
    const answer = await send([...onePhoto, file], headers);
    expect(answer).toMatchObject({ status: code, errors: [{ message: expect.stringMatching(message) }] });
    expect((await send([...onePhoto, file], { 'apollo-require-preflight': 'true' })).status).toBe(200);
  });

  it('without a boundary, or as another kind of parts', async () => {
    const post = (type: string) =>
      fetch(`${kit.url}/graphql`, { method: 'POST', headers: { ...ALLOWED, 'content-type': type }, body: 'x' });
    expect((await post('multipart/form-data')).status).toBe(400);
    expect((await post('multipart/mixed; boundary=b')).status).toBe(415);
  });

  it('that is too large, told before or not', async () => {
    const large = await send([...onePhoto, ['0', png('x'.repeat(1_100_000))]]);
    expect(large).toMatchObject({
      status: 413,
      errors: [{ message: expect.stringMatching(/larger than 1000000 bytes/) }],
    });
    expect(received).toEqual([]);
  });

  it('whose file does not come', async () => {
    const { data, errors } = await send(onePhoto);
    expect(data).toEqual({ form: null });
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/did not come/), extensions: { code: 'BAD_REQUEST' } },
    ]);
  });
});
