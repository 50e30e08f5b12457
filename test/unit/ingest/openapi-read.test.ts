/** What is read as a contract, and how its text is understood. */
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../gateway/errors.ts';
import { at, readFiles } from './contract-kit.ts';

const HEAD = 'openapi: 3.1.0\npaths: {}\n';

async function refusal(name: string, content: unknown): Promise<string> {
  const error = await readFiles({ [name]: content }).then(
    () => new Error('it was accepted'),
    (cause: unknown) => cause,
  );
  if (!(error instanceof GatewayError)) throw error;
  expect(error.code).toBe('BAD_REQUEST');
  expect(error.message).not.toMatch(/\n|\.ts:|\/tmp\//);
  return error.message;
}

describe('the text of a contract', () => {
  it.each<[string, string, string | Buffer]>([
    ['with a byte-order mark (YAML)', 'a.yaml', `\uFEFF${HEAD}`],
    ['with a byte-order mark (JSON)', 'a.json', '\uFEFF{"openapi":"3.1.0","paths":{}}'],
    ['with the line ends of Windows', 'a.yaml', 'openapi: 3.1.0\r\ninfo:\r\n  title: t\r\npaths: {}\r\n'],
    ['as JSON behind white space', 'a.json', '\n\t {"openapi":\t"3.1.0", "paths":{}}'],
    ['as JSON in a YAML file', 'a.yml', '{"openapi":"3.1.0","paths":{}}'],
    ['as YAML that begins like JSON', 'a.yaml', '{openapi: 3.1.0, paths: {}}'],
    ['as YAML in a file without a name for it', 'contract', HEAD],
    ['as one document between marks', 'a.yaml', `---\n${HEAD}...\n`],
    ['with a version of YAML', 'a.yaml', `%YAML 1.1\n---\n${HEAD}`],
    ['with its version as a number', 'a.yaml', 'openapi: 3.1\npaths: {}\n'],
    ['without paths, of webhooks alone', 'a.yaml', 'openapi: 3.1.0\nwebhooks: {}\n'],
    ['with paths that are empty', 'a.yaml', 'openapi: 3.0.0\npaths:\n'],
  ])('is read %s', async (_title, name, content) => {
    const contract = await readFiles({ [name]: content });
    expect(contract.document['paths']).toEqual({});
    expect(contract.version).toMatch(/^3\.[01]/);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['a.json', '{"openapi": ', /JSON: Unexpected end/],
    ['a.json', '{"openapi": "3.0.0", // why\n"paths": {}}', /comments are no part of JSON \(line 1\)/],
    ['a.json', '{"openapi": "3.0.0",\n"url": "http://x", # why\n"paths": {}}', /comments .*\(line 2\)/],
    ['a.json', '{"openapi": "3.0.0",\n"paths": {},\n}', /a comma stands before a closing bracket \(line 2\)/],
    ['a.json', '{"openapi": "3.0.0",\n"paths": {} "x": 1}', /\(line 2\)/],
    ['a.yaml', 'a: [1\nb: }', /YAML: .*line \d/],
    ['a.yaml', 'openapi: 3.0.0\npaths:\n\t/x: {}', /[Tt]ab.*line 3/],
    ['a.yaml', 'openapi: 3.0.0\nx: *nothing\npaths: {}', /YAML: .*nothing/],
    ['a.yaml', `${HEAD}---\n${HEAD}`, /more than one document at line 3/],
    ['a.yaml', Buffer.from(`\uFEFF${HEAD}`, 'utf16le'), /UTF-16 or binary: save it as UTF-8/],
    ['a.yaml', Buffer.from(HEAD, 'utf16le'), /save it as UTF-8/],
    ['a.yaml', '', /is not an object/],
    ['a.yaml', '- a', /is not an object/],
    ['a.yaml', 'just: text', /neither `openapi` nor `swagger`/],
    ['a.yaml', 'openapi: [3]', /neither/],
    ['a.yaml', 'openapi: 4.0.0\npaths: {}', /version 4\.0\.0: versions 2\.0, 3\.0 and 3\.1 are read/],
    ['a.yaml', 'swagger: "1.2"\npaths: {}', /version 1\.2/],
    ['a.yaml', 'openapi: 3.0.0', /has no `paths`/],
    ['a.yaml', 'swagger: 2.0', /has no `paths`/],
  ])('%s %j is refused with a sentence about it', async (name, content, message) => {
    expect(await refusal(name, content)).toMatch(message);
  });

  it('is refused where it is nested without end, and where it grows without end', async () => {
    expect(await refusal('a.json', `{"openapi":"3.1.0","x":${'['.repeat(1e6)}${']'.repeat(1e6)}}`)).toMatch(
      /500 levels/,
    );
    expect(await refusal('a.yaml', `openapi: 3.1.0\nx: ${'['.repeat(1e5)}${']'.repeat(1e5)}`)).toMatch(/500 levels/);
    const level = (n: number): string =>
      `l${n}: &l${n} [${Array(10)
        .fill(n === 0 ? '1' : `*l${n - 1}`)
        .join()}]\n`;
    const laughs = Array.from({ length: 9 }, (_, n) => level(n)).join('');
    expect(await refusal('a.yaml', HEAD + laughs)).toMatch(/alias|values/);
    for (const level of ['- ', '? ', '{ a: '])
      expect(await refusal('a.yaml', `openapi: 3.1.0\nx:\n  ${level.repeat(2e5)}`), level).toMatch(/500 levels/);
    const merges = Array.from({ length: 30 }, (_, n) => `m${n}: &m${n} {<<: [*m${n - 1}, *m${n - 1}], k${n}: 1}\n`);
    expect(await refusal('a.yaml', `${HEAD}m-1: &m-1 {a: 1}\n${merges.join('')}`)).toMatch(/alias|values/);
  });
});

/** Objects in the middle of strings are none, and lists may be long. */
const NAMES = 100_001;
const names = (quote: string, join: string): string =>
  Array.from({ length: NAMES }, (_, n) => `${quote}n${n}${quote}: 1`).join(join);

describe('an object of more names than anybody writes', () => {
  it.each([
    ['JSON', 'a.json', `{"openapi":"3.1.0","paths":{},"x":{${names('"', ',')}}}`],
    ['JSON in a YAML file', 'a.yaml', `{"openapi":"3.1.0","paths":{},"x":{${names('"', ',')}}}`],
    ['YAML', 'a.yaml', `${HEAD}x:\n  ${names('', '\n  ')}\n`],
    ['YAML in brackets', 'a.yaml', `${HEAD}x: {${names('', ', ')}}\n`],
  ])('is refused in %s', async (_title, name, content) => {
    expect(await refusal(name, content)).toMatch(/an object of more than 100000 names/);
  });

  it('is none where the names stand in a string, or the values in a list', async () => {
    const text = JSON.stringify(`{${names('"', ',')}${'['.repeat(600)}\\`);
    const list = `[${'1,'.repeat(NAMES)}1]`;
    const { document } = await readFiles({ 'a.json': `{"openapi":"3.1.0","paths":{},"s":${text},"l":${list}}` });
    expect(document['l']).toHaveLength(NAMES + 1);
  });
});

describe('values of YAML', () => {
  it.each<[string, unknown]>([
    ['2020-01-01', '2020-01-01'],
    ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
    ['!!timestamp 2020-01-01', '2020-01-01'],
    ['no', 'no'],
    ['on', 'on'],
    ['010', 10],
    ['0o10', 8],
    ['1_000', '1_000'],
    ['12:30:45', '12:30:45'],
    ['~', null],
    ['"\\u00e9"', 'é'],
    ['!custom text', 'text'],
  ])('%s is %j', async (text, value) => {
    const { document } = await readFiles({ 'a.yaml': `%YAML 1.1\n---\n${HEAD}x: ${text}\n` });
    expect(document['x']).toEqual(value);
  });

  it('keep keys that are numbers, words or written twice, merge, and share what anchors name', async () => {
    const { document } = await readFiles({
      'a.yaml': `${HEAD}x:
  200: ok
  on: yes
  true: t
  null: n
  twice: 1
  twice: 2
base: &base { a: 1, b: 2 }
merged: { <<: *base, b: 3 }
many: { b: 4, <<: [{ c: 5 }, *base] }
`,
    });
    expect(document['x']).toEqual({ '200': 'ok', on: 'yes', true: 't', '': 'n', twice: 2 });
    expect(document['merged']).toEqual({ a: 1, b: 3 });
    expect(document['many']).toEqual({ a: 1, b: 4, c: 5 });
  });

  it('and JSON never reach the prototype of anything', async () => {
    for (const [name, content] of [
      ['a.yaml', `${HEAD}x: { __proto__: { polluted: 1 }, constructor: { prototype: { polluted: 1 } } }`],
      ['a.json', '{"openapi":"3.1.0","paths":{},"x":{"__proto__":{"polluted":1}}}'],
      [
        'a.json',
        '{"swagger":"2.0","paths":{},"definitions":{"__proto__":{"polluted":1}},"x-a":{"__proto__":{"polluted":1}}}',
      ],
    ] as const) {
      const { document, resolve } = await readFiles({ [name]: content });
      expect(Object.getOwnPropertyNames(document['x'] ?? document['x-a'])).toContain('__proto__');
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      expect((document['x'] as Record<string, unknown> | undefined)?.['polluted']).toBeUndefined();
      expect(resolve('#/paths/constructor')).toMatchObject({ found: false, reason: 'leads nowhere' });
      expect(resolve('#/paths/__proto__')).toMatchObject({ found: false, reason: 'leads nowhere' });
    }
  });

  it('keep examples as they were written', async () => {
    const { document } = await readFiles({
      'a.yaml': `openapi: 3.0.0
paths: { /x: { get: { parameters: [{ name: since, in: query, example: 2020-01-01 }], responses: { 200: { description: ok } } } } }
`,
    });
    const get = at(document, 'paths', '/x', 'get');
    expect(at(get, 'parameters', 0, 'example')).toBe('2020-01-01');
    expect(at(get, 'responses', '200')).toEqual({ description: 'ok' });
  });
});
