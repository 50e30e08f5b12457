import { describe, expect, test } from 'vitest';
import { compareAnswer, createAnswerCheck } from '../../bench/load/check.ts';

function body(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

describe('an answer', () => {
  const expected = [{ id: 1, tags: ['a', 'b'] }];

  test('is right when its data are, whatever stands beside them', () => {
    expect(compareAnswer(body({ data: { q: expected }, extensions: { ms: 1 } }), 'q', { expected })).toBeNull();
  });

  test.each([
    ['has errors', { data: { q: expected }, errors: [{ message: 'no' }] }, 'errors or no data'],
    ['has no data', {}, 'errors or no data'],
    ['lacks a field', { data: { q: [{ id: 1 }] } }, 'data.q.0.tags is missing instead of ["a","b"]'],
    ['has a field too many', { data: { q: [{ ...expected[0], x: 1 }] } }, 'data.q.0.x is 1 instead of missing'],
    ['has a row too many', { data: { q: [...expected, null] } }, 'data.q.1 is null instead of missing'],
    [
      'has text in place of a number',
      { data: { q: [{ id: '1', tags: ['a', 'b'] }] } },
      'data.q.0.id is "1" instead of 1',
    ],
    ['has another order', { data: { q: [{ id: 1, tags: ['b', 'a'] }] } }, 'data.q.0.tags.0 is "b" instead of "a"'],
    ['has another root key', { data: { p: expected } }, 'data.q is missing'],
  ])('is wrong when it %s', (_title, answer, message) => {
    expect(compareAnswer(body(answer), 'q', { expected })).toContain(message);
  });

  test('is wrong when it is not JSON', () => {
    expect(compareAnswer(Buffer.from('<html>'), 'q', { expected })).toContain('not JSON');
  });

  test('may order the lists it is allowed to, with nested lists in any order too', () => {
    const rows = [
      { id: 1, tags: ['a', 'b'] },
      { id: 2, tags: [] },
    ];
    const swapped = body({ data: { q: { rows: [rows[1], { id: 1, tags: ['b', 'a'] }] } } });
    expect(compareAnswer(swapped, 'q', { expected: { rows }, anyOrder: ['rows', 'tags'] })).toBeNull();
    expect(compareAnswer(swapped, 'q', { expected: { rows }, anyOrder: ['rows'] })).toContain('data.q.rows');
  });
});

describe('the check of a whole round', () => {
  test('accepts the same answer under other root keys of the same width', () => {
    const check = createAnswerCheck({ expected: ['é'] });
    expect(check(body({ data: { q01: ['é'] } }), 'q01')).toBeNull();
    expect(check(body({ data: { q02: ['é'] } }), 'q02')).toBeNull();
  });

  test('finds a wrong answer of the same length after a right one: before, in and behind the key', () => {
    const check = createAnswerCheck({ expected: ['a'] });
    expect(check(body({ data: { q01: ['a'] } }), 'q01')).toBeNull();
    expect(check(body({ data: { q02: ['b'] } }), 'q02')).toContain('other data');
    expect(check(body({ data: { q01: ['a'] } }), 'q02')).toContain('other data');
    expect(check(body({ date: { q03: ['a'] } }), 'q03')).toContain('no data');
  });

  test('accepts a right answer that is written differently', () => {
    const check = createAnswerCheck({ expected: { a: 1, b: 2 } });
    expect(check(body({ data: { q: { a: 1, b: 2 } } }), 'q')).toBeNull();
    expect(check(body({ data: { q: { b: 2, a: 1 } } }), 'q')).toBeNull();
    expect(check(Buffer.from('{ "data": {"q": {"a":1, "b":2}} }'), 'q')).toBeNull();
  });
});
