/** One set of headers from those of many calls. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeaderPassing, PassedHead } from '../../../gateway/context.ts';
import type { HeaderField } from '../../../gateway/lib/header-fields.ts';
import { passedHeaders } from '../../../gateway/respond/headers.ts';

const passing = (rules: Record<string, 'append' | 'first'>, minMaxAge = false): HeaderPassing => ({
  names: new Map(Object.entries(rules)),
  minMaxAge,
});
const head = (fields: HeaderField[], rules: HeaderPassing): PassedHead => ({ passing: rules, fields });
const ages = passing({}, true);
const call = (cacheControl?: string, age?: string): PassedHead =>
  head(
    [
      ...(cacheControl === undefined ? [] : [['cache-control', cacheControl] as const]),
      ...(age === undefined ? [] : [['age', age] as const]),
    ],
    ages,
  );

describe('values', () => {
  const rules = passing({ 'x-all': 'append', 'x-one': 'first', 'set-cookie': 'append' });

  it('come in the order of the calls: all of them, or the first', () => {
    const fields = passedHeaders(
      [
        head([['x-all', 'a']], rules),
        { passing: rules },
        head(
          [
            ['x-one', '1'],
            ['x-all', 'b'],
            ['x-all', 'c'],
            ['set-cookie', 's=1, 2'],
          ],
          rules,
        ),
        head(
          [
            ['x-one', '2'],
            ['set-cookie', 't=1'],
          ],
          rules,
        ),
        { passing: undefined, fields: [['x-all', 'nobody asked']] },
      ],
      false,
    );
    expect(fields).toEqual([
      ['x-all', 'a, b, c'],
      ['x-one', '1'],
      ['set-cookie', 's=1, 2'],
      ['set-cookie', 't=1'],
    ]);
  });

  it('that the policy does not name stay where they are', () => {
    expect(
      passedHeaders(
        [
          head(
            [
              ['x-other', '1'],
              ['cache-control', 'max-age=1'],
            ],
            rules,
          ),
        ],
        false,
      ),
    ).toEqual([]);
    expect(passedHeaders([], true)).toEqual([]);
  });

  it('are a hundred at most, and 16 KiB', () => {
    const many = Array.from({ length: 300 }, () =>
      head(
        [
          ['x-all', 'v'],
          ['set-cookie', 'c'],
        ],
        rules,
      ),
    );
    const [all, ...cookies] = passedHeaders(many, false);
    expect([all?.[1].split(', ').length, cookies.length]).toEqual([50, 50]);
    const long = Array.from({ length: 10 }, () => head([['x-all', 'v'.repeat(5000)]], rules));
    expect(passedHeaders(long, false)).toEqual([['x-all', Array(3).fill('v'.repeat(5000)).join(', ')]]);
  });
});

describe('Cache-Control', () => {
  const of = (heads: PassedHead[], failed = false) => Object.fromEntries(passedHeaders(heads, failed))['cache-control'];

  it.each<[string, PassedHead[], string | undefined]>([
    ['nobody asks for it', [head([['cache-control', 'max-age=5']], passing({ 'x-a': 'first' }))], undefined],
    ['one call says it', [call('public, max-age=60')], 'max-age=60'],
    ['several say it', [call('max-age=60'), call('Max-Age = "30", s-maxage=5'), call('max-age=90')], 'max-age=30'],
    ['an answer is old already', [call('max-age=60', '45'), call('max-age=30', '0')], 'max-age=15'],
    ['an answer is too old', [call('max-age=60', '70')], 'max-age=0'],
    ['one says it twice', [call('max-age=60, max-age=20')], 'max-age=20'],
    ['one is private', [call('max-age=60'), call('private, max-age=90')], 'private, max-age=60'],
    ['one must be revalidated', [call('max-age=60, must-revalidate'), call('max-age=5')], 'must-revalidate, max-age=5'],
    ['one may not be stored', [call('max-age=60'), call('max-age=60, No-Store')], 'no-store'],
    ['one may not be used', [call('max-age=60'), call('no-cache="set-cookie", max-age=60')], 'no-store'],
    ['one says nothing', [call('max-age=60'), call()], 'no-store'],
    ['one says nothing of use', [call('max-age=60'), call('public')], 'no-store'],
    ['one says nonsense', [call('max-age=-1')], 'no-store'],
    ['one failed', [call('max-age=60'), { passing: ages }], 'no-store'],
    ['one is of a source without the rule', [call('max-age=60'), { passing: undefined, fields: [] }], 'no-store'],
  ])('when %s', (_what, heads, expected) => {
    expect(of(heads)).toBe(expected);
  });

  it('is no-store for an answer with errors', () => {
    expect(of([call('max-age=60')], true)).toBe('no-store');
  });

  it('never allows more than any call does', () => {
    const seconds = fc.nat({ max: 1000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(seconds, seconds), { minLength: 1 }), (calls) => {
        const text = of(calls.map(([max, age]) => call(`max-age=${max}`, String(age))));
        const left = calls.map(([max, age]) => Math.max(0, max - age));
        expect(text).toBe(`max-age=${Math.min(...left)}`);
      }),
    );
  });
});
