import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cookieParameter,
  headerParameter,
  pathParameter,
  percentEncode,
  queryParameter,
} from '../../../gateway/connect/rest/parameters.ts';

const string = 'blue';
const array = ['blue', 'black', 'brown'];
const object = { R: 100, G: 200, B: 150 };

/** The table "Style Examples" of the OpenAPI Specification 3.1.1, §4.8.12.4; queries without the `?`. */
const table: [place: 'path' | 'query', style: string, explode: boolean, value: unknown, sent: string][] = [
  ['path', 'matrix', false, '', ';color'],
  ['path', 'matrix', false, string, ';color=blue'],
  ['path', 'matrix', false, array, ';color=blue,black,brown'],
  ['path', 'matrix', false, object, ';color=R,100,G,200,B,150'],
  ['path', 'matrix', true, '', ';color'],
  ['path', 'matrix', true, string, ';color=blue'],
  ['path', 'matrix', true, array, ';color=blue;color=black;color=brown'],
  ['path', 'matrix', true, object, ';R=100;G=200;B=150'],
  ['path', 'label', false, '', '.'],
  ['path', 'label', false, string, '.blue'],
  ['path', 'label', false, array, '.blue,black,brown'],
  ['path', 'label', false, object, '.R,100,G,200,B,150'],
  ['path', 'label', true, '', '.'],
  ['path', 'label', true, string, '.blue'],
  ['path', 'label', true, array, '.blue.black.brown'],
  ['path', 'label', true, object, '.R=100.G=200.B=150'],
  ['path', 'simple', false, '', ''],
  ['path', 'simple', false, string, 'blue'],
  ['path', 'simple', false, array, 'blue,black,brown'],
  ['path', 'simple', false, object, 'R,100,G,200,B,150'],
  ['path', 'simple', true, '', ''],
  ['path', 'simple', true, string, 'blue'],
  ['path', 'simple', true, array, 'blue,black,brown'],
  ['path', 'simple', true, object, 'R=100,G=200,B=150'],
  ['query', 'form', false, '', 'color='],
  ['query', 'form', false, string, 'color=blue'],
  ['query', 'form', false, array, 'color=blue,black,brown'],
  ['query', 'form', false, object, 'color=R,100,G,200,B,150'],
  ['query', 'form', true, '', 'color='],
  ['query', 'form', true, string, 'color=blue'],
  ['query', 'form', true, array, 'color=blue&color=black&color=brown'],
  ['query', 'form', true, object, 'R=100&G=200&B=150'],
  ['query', 'spaceDelimited', false, array, 'color=blue%20black%20brown'],
  ['query', 'spaceDelimited', false, object, 'color=R%20100%20G%20200%20B%20150'],
  ['query', 'pipeDelimited', false, array, 'color=blue%7Cblack%7Cbrown'],
  ['query', 'pipeDelimited', false, object, 'color=R%7C100%7CG%7C200%7CB%7C150'],
  ['query', 'deepObject', true, object, 'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
];

describe('the style table of OpenAPI', () => {
  it.each(table)('%s, %s, explode %s: %j is sent as %s', (place, style, explode, value, sent) => {
    const write = place === 'path' ? pathParameter : queryParameter;
    expect(write({ name: 'color', style, explode }, value)).toBe(sent);
  });
});

describe('beyond the table', () => {
  it.each([
    ['spaceDelimited', true, array, 'color=blue&color=black&color=brown'],
    ['pipeDelimited', true, array, 'color=blue&color=black&color=brown'],
    ['spaceDelimited', false, string, 'color=blue'],
    ['deepObject', true, string, 'color=blue'],
    ['deepObject', true, { a: { b: 1 }, c: [1, 2] }, 'color%5Ba%5D%5Bb%5D=1&color%5Bc%5D=1&color%5Bc%5D=2'],
    ['deepObject', true, ['a', 'b'], 'color%5B0%5D=a&color%5B1%5D=b'],
    ['deepObject', true, { c: [{ d: 1 }, { d: 2 }] }, 'color%5Bc%5D%5B0%5D%5Bd%5D=1&color%5Bc%5D%5B1%5D%5Bd%5D=2'],
    ['deepObject', true, { a: '', 'b c': null, d: false }, 'color%5Ba%5D=&color%5Bd%5D=false'],
    ['deepObject', false, { R: 100 }, 'color%5BR%5D=100'],
    ['tabDelimited', false, array, 'color=blue%09black%09brown'],
    ['pipeDelimited', false, [''], ''],
    ['pipeDelimited', false, ['', ''], 'color=%7C'],
    ['spaceDelimited', true, object, 'R=100&G=200&B=150'],
    ['form', false, ['', 'a'], 'color=,a'],
    ['form', true, ['', 'a'], 'color=&color=a'],
    ['form', true, { R: '' }, 'R='],
    ['form', true, [], ''],
    ['form', false, [], ''],
    ['form', true, {}, ''],
    ['spaceDelimited', false, [], ''],
    ['deepObject', true, {}, ''],
    ['form', true, ['a', null, undefined, 'b'], 'color=a&color=b'],
    ['form', true, { R: 1, G: null, B: undefined }, 'R=1'],
    ['form', true, [['a', 'b'], { c: 1 }], 'color=%5B%22a%22%2C%22b%22%5D&color=%7B%22c%22%3A1%7D'],
    ['form', true, true, 'color=true'],
    ['form', true, 0, 'color=0'],
    ['form', true, new Date(0), 'color=1970-01-01T00%3A00%3A00.000Z'],
  ])('query %s, explode %s: %j is sent as %j', (style, explode, value, sent) => {
    expect(queryParameter({ name: 'color', style, explode }, value)).toBe(sent);
  });

  it('encodes delimiters that stand inside values, so that they do not split them', () => {
    expect(queryParameter({ name: 'c', style: 'form', explode: false }, ['a,b', 'c&d'])).toBe('c=a%2Cb,c%26d');
    expect(queryParameter({ name: 'c', style: 'spaceDelimited', explode: false }, ['a b', 'c'])).toBe('c=a%20b%20c');
    expect(queryParameter({ name: 'c[]', style: 'form', explode: true }, ['a'])).toBe('c%5B%5D=a');
    expect(pathParameter({ name: 'c', style: 'matrix', explode: true }, ['a;b/c'])).toBe(';c=a%3Bb%2Fc');
    expect(pathParameter({ name: 'c', style: 'simple', explode: false }, 'é?#%')).toBe('%C3%A9%3F%23%25');
  });

  it.each<[string, boolean, string[], unknown, string]>([
    ['form', false, ['|'], [['a', 'b'], ['c']], 'c=a%7Cb,c'],
    ['form', true, [','], [['a', 'b|'], ['c']], 'c=a,b%7C&c=c'],
    ['pipeDelimited', false, [' ', '\t'], [[['a', 'b'], ['c']], [['d']]], 'c=a%09b%20c%7Cd'],
    ['form', false, ['|'], [['a', null, 'b'], 'c', [['d']]], 'c=a%7Cb,c,%5B%22d%22%5D'],
  ])('query %s, explode %s, lists inside separated by %j: %j is sent as %j', (style, explode, inner, value, sent) => {
    expect(queryParameter({ name: 'c', style, explode, inner }, value)).toBe(sent);
  });

  it('separates lists inside of lists in a path and in a header as well', () => {
    const parameter = { name: 'c', style: 'simple', explode: false, inner: ['|'] };
    expect(pathParameter(parameter, [['a', 'b/'], ['c']])).toBe('a%7Cb%2F,c');
    expect(headerParameter(parameter, [['a', 'b'], ['c']])).toBe('a|b,c');
  });

  it('writes a bigint with all its digits', () => {
    expect(queryParameter({ name: 'n', style: 'form', explode: true }, 9007199254740993n)).toBe('n=9007199254740993');
  });

  it('writes header values as they are and cookies in pairs', () => {
    expect(headerParameter({ name: 'x-color', style: 'simple', explode: false }, array)).toBe('blue,black,brown');
    expect(headerParameter({ name: 'x-color', style: 'simple', explode: true }, object)).toBe('R=100,G=200,B=150');
    expect(headerParameter({ name: 'x-color', style: 'simple', explode: false }, 'a b/c')).toBe('a b/c');
    expect(cookieParameter({ name: 'color', style: 'form', explode: false }, array)).toBe('color=blue,black,brown');
    expect(cookieParameter({ name: 'color', style: 'form', explode: true }, ['a;b', 'c'])).toBe('color=a%3Bb; color=c');
  });
});

describe('a path parameter', () => {
  it.each([
    ['matrix', true, [], ''],
    ['matrix', true, ['', 'a'], ';color;color=a'],
    ['matrix', false, { R: { a: 1 } }, ';color=R,%7B%22a%22%3A1%7D'],
    ['matrix', true, 0, ';color=0'],
    ['matrix', true, { semi: '', a: 1 }, ';semi;a=1'],
    ['matrix', false, { semi: '', a: 1 }, ';color=semi,,a,1'],
    ['label', true, ['a.b', 'c'], '.a.b.c'],
    ['label', false, [], ''],
    ['label', true, { R: '' }, '.R='],
    ['simple', true, { R: 1, G: null }, 'R=1'],
    ['simple', false, [true, 1], 'true,1'],
    ['pipeDelimited', false, array, 'blue%7Cblack%7Cbrown'],
    ['spaceDelimited', false, 'a/b', 'a%2Fb'],
  ])('of style %s, explode %s: %j is sent as %j', (style, explode, value, sent) => {
    expect(pathParameter({ name: 'color', style, explode }, value)).toBe(sent);
  });
});

describe('a parameter with content', () => {
  const parameter = { name: 'f', style: 'form', explode: true, content: 'application/json' };
  const value = { a: [1, 9007199254740993n], ü: null };

  it('is one JSON text, in each place encoded as the place wants it', () => {
    expect(queryParameter(parameter, value)).toBe('f=%7B%22a%22%3A%5B1%2C9007199254740993%5D%2C%22%C3%BC%22%3Anull%7D');
    expect(pathParameter(parameter, ['a'])).toBe('%5B%22a%22%5D');
    expect(cookieParameter(parameter, 'a')).toBe('f=%22a%22');
    expect(headerParameter(parameter, value)).toBe('{"a":[1,9007199254740993],"\\u00fc":null}');
  });

  it('of another media type is its text, and nothing where there is no value', () => {
    expect(queryParameter({ ...parameter, content: 'text/plain' }, 'a b')).toBe('f=a%20b');
    expect(headerParameter({ ...parameter, content: 'text/plain' }, 'a b')).toBe('a b');
    expect(queryParameter(parameter, null)).toBe('');
  });
});

describe('allowReserved', () => {
  it.each([
    ['a/b?c=d:e@f', 'q=a/b?c=d:e@f'],
    ["!$'()*,;", "q=!$'()*,;"],
    ['50%25 a', 'q=50%25%20a'],
    ['50% a', 'q=50%25%20a'],
    ['ü', 'q=%C3%BC'],
    ['a&admin=1#x', 'q=a%26admin=1%23x'],
    ['a+b[c]', 'q=a%2Bb%5Bc%5D'],
  ])('sends %j as %j: nothing gets out of its value', (text, sent) => {
    expect(queryParameter({ name: 'q', style: 'form', explode: true, allowReserved: true }, text)).toBe(sent);
  });

  it('changes neither names nor paths', () => {
    expect(queryParameter({ name: 'a/b', style: 'form', explode: true, allowReserved: true }, { 'c&': '/' })).toBe(
      'c%26=/',
    );
    expect(pathParameter({ name: 'p', style: 'simple', explode: false, allowReserved: true }, 'a/b')).toBe('a%2Fb');
  });

  it('keeps every value in its place, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sent = queryParameter({ name: 'q', style: 'form', explode: true, allowReserved: true }, text);
        const { searchParams, hash } = new URL(`http://host/?${sent}&last=1`);
        expect([...searchParams.keys()]).toEqual(['q', 'last']);
        expect(hash).toBe('');
      }),
    );
  });
});

describe('percent-encoding', () => {
  it('leaves only the unreserved characters of RFC 3986 §2.3 and can be undone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = percentEncode(text);
        expect(encoded).toMatch(/^([A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(encoded)).toBe(text);
      }),
    );
  });

  it('makes every query value come back from a URL as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (values) => {
        const sent = queryParameter({ name: 'q&=', style: 'form', explode: true }, values);
        expect(new URLSearchParams(sent).getAll('q&=')).toEqual(values);
      }),
    );
  });
});
