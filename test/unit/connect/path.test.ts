import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preparePath } from '../../../gateway/connect/rest/path.ts';

function fill(template: string, values: Record<string, unknown>, style = 'simple') {
  const parameters = Object.keys(values).map((name) => ({ name, style, explode: false }));
  return preparePath(template, parameters)((name) => values[name]);
}

describe('a path', () => {
  it.each([
    ['/a/{id}', { id: 'x' }, '/a/x'],
    ['/a/{id}/b/{other}', { id: 1, other: 'é' }, '/a/1/b/%C3%A9'],
    ['/files/{name}.json', { name: '.' }, '/files/..json'],
    ['/{x}-{y}', { x: 'a', y: 'b' }, '/a-b'],
    ['/a/{id}', { id: 'b/c' }, '/a/b%2Fc'],
    ['/a/{id}', { id: '../b' }, '/a/..%2Fb'],
    ['/a/{id}', { id: '...' }, '/a/...'],
    ['/a/{id}', { id: '%2e%2e' }, '/a/%252e%252e'],
    ['/a b/ü/{id}', { id: 1 }, '/a%20b/%C3%BC/1'],
    ['/a%20b/{id}', { id: 1 }, '/a%20b/1'],
    ['/a/{id}?fixed=1#part', { id: 1 }, '/a/1?fixed=1'],
    ['/plain/', {}, '/plain/'],
  ])('%s with %j is %s', (template, values, path) => {
    expect(fill(template, values)).toEqual({ path });
  });

  it.each([
    ['/a/{id}', { id: '..' }],
    ['/a/{id}', { id: '.' }],
    ['/a/{id}', { id: '' }],
    ['/a/{id}/b', { id: [] }],
    ['/a/{id}', { id: null }],
    ['/a/{id}', { id: undefined }],
    ['/a/{id}', { id: '\ud800' }],
    ['/a/.{id}', { id: '.' }],
    ['/a/%2e{id}', { id: '.' }],
  ])('%s with %j is refused', (template, values) => {
    expect(fill(template, values)).toEqual({ refused: 'id' });
  });

  it('refuses a label that ends up as a step upwards, and a placeholder nobody described', () => {
    expect(fill('/a/{id}', { id: '' }, 'label')).toEqual({ refused: 'id' });
    expect(fill('/a/{id}', { id: '.' }, 'label')).toEqual({ refused: 'id' });
    expect(preparePath('/a/{unknown}', [])(() => undefined)).toEqual({ refused: 'unknown' });
  });

  it.each([
    ['/../../admin/keys'],
    ['/%2e%2e/admin/{id}'],
    ['/a/.%2E/b'],
    ['/a/./b'],
    ['/a/..'],
    ['/a/..?b=1'],
    ['/a/..#b'],
    ['..'],
    ['/..\\admin'],
    ['/a\\..\\{id}'],
    ['/a%5c..%5Cb'],
    ['/a/..%2fadmin'],
    ['/..;/admin'],
  ])('%s leads out of its place, whatever the values are', (template) => {
    expect(fill(template, { id: 1 })).toEqual({ refused: undefined });
  });

  it.each([
    ['/a/...', '/a/...'],
    ['/a/.b/..c/d..', '/a/.b/..c/d..'],
    ['/.well-known/{id}', '/.well-known/1'],
    ['/a/%252e%252e/b', '/a/%252e%252e/b'],
    ['/a?from=/../b', '/a?from=/../b'],
    ['/a//b', '/a//b'],
  ])('%s is no way out', (template, path) => {
    expect(fill(template, { id: 1 })).toEqual({ path });
  });

  it('keeps its number of segments and its place whatever the value is', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('..', '.', '%2e%2e', '/', '\\', '')),
        (id) => {
          const filled = fill('/base/{id}/tail', { id });
          if ('refused' in filled) return;
          const url = new URL(filled.path, 'http://host');
          expect(url.pathname.split('/')).toHaveLength(4);
          expect(url.pathname).toMatch(/^\/base\/[^/]+\/tail$/);
          expect(url.search + url.hash).toBe('');
        },
      ),
    );
  });
});
