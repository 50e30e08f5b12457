/** Laws of the small helpers, on whatever fast-check thinks of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, parseJsonDigits } from '../../../gateway/lib/json.ts';
import { camelCase, graphqlName, pascalCase, uniqueName } from '../../../gateway/lib/names.ts';

const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/;

/** JSON text of a value in which bigints stand as plain integers. */
function write(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(write).join(' , ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}:\t${write(inner)}`)
      .join(',')}}`;
  return JSON.stringify(value);
}

/** What must come back: integers that a double holds as numbers, others as their digits. */
function exact(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, exact(inner)]));
  return value;
}

const integer = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n });
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  integer.map((n) => `say "${n}", [${n}]: \\ ${n}`),
);
const { value: document } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    integer,
    text,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
}));

describe('parseJson', () => {
  it('loses no digit of an integer and leaves texts alone', () => {
    fc.assert(
      fc.property(document, (value) => {
        expect(parseJson(write(value))).toEqual(exact(value));
      }),
      { numRuns: 500 },
    );
  });

  it('equals JSON.parse where no integer is too long, faults included', () => {
    const short = fc.oneof(fc.json(), fc.string(), fc.double().map(String));
    fc.assert(
      fc.property(short, (given) => {
        let expected: unknown;
        try {
          expected = JSON.parse(given);
        } catch {
          expect(() => parseJson(given)).toThrow(SyntaxError);
          return;
        }
        fc.pre(!/\d{16}/.test(given));
        expect(parseJson(given)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['characters', 'x'.repeat(16_000_000)],
    ['quotes', '"'.repeat(8_000_000)],
    ['slashes', '\\'.repeat(8_000_000)],
  ])('takes a string of many %s beside a number that is too long', (_, long) => {
    const given = JSON.stringify({ long, end: [] }).replace('[]', '[9007199254740993, 1.50]');
    const { long: same, end } = parseJson(given) as { long: string; end: unknown[] };
    expect([same === long, end]).toEqual([true, ['9007199254740993', 1.5]]);
    const digits = parseJsonDigits(given) as { long: string; end: unknown[] };
    expect([digits.long === long, digits.end]).toEqual([true, ['9007199254740993', '1.50']]);
  });

  it.each(['01234567890123456789', '{12345678901234567890: 1}', '[12345678901234567890', '12345678901234567890x'])(
    'refuses %s',
    (given) => {
      expect(() => parseJson(given)).toThrow(SyntaxError);
    },
  );
});

describe('names', () => {
  it('are never given twice', () => {
    const wanted = fc.array(fc.constantFrom('a', 'a2', 'a3', 'b', 'b2', 'a22'), { maxLength: 40 });
    fc.assert(
      fc.property(wanted, (names) => {
        const taken = new Set<string>();
        const given = names.map((name) => uniqueName(name, taken));
        expect(new Set(given).size).toBe(names.length);
        expect(taken).toEqual(new Set(given));
      }),
    );
  });

  it('are GraphQL names whatever they are made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (given) => {
        for (const make of [camelCase, pascalCase, graphqlName]) expect(make(given)).toMatch(NAME);
      }),
    );
  });

  it('in camelCase stay as they are', () => {
    const word = fc.stringMatching(/^[a-z]{2,8}$/);
    const camel = fc.tuple(
      word,
      fc.array(
        word.map((part) => part.charAt(0).toUpperCase() + part.slice(1)),
        { maxLength: 3 },
      ),
    );
    fc.assert(
      fc.property(camel, ([first, rest]) => {
        expect(camelCase(first + rest.join(''))).toBe(first + rest.join(''));
      }),
    );
  });
});
