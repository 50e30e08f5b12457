/** How many values variables may hold. */
import { describe, expect, it } from 'vitest';
import { assertVariables } from '../../../gateway/validate/variables.ts';

const within = (variables: unknown, limit: number): boolean => {
  try {
    assertVariables(variables, limit);
    return true;
  } catch {
    return false;
  }
};

describe('values of variables', () => {
  it.each([
    ['nothing', undefined, 0],
    ['an empty object', {}, 0],
    ['a scalar', { a: 1 }, 1],
    ['null', { a: null }, 1],
    ['a list of three', { a: [1, 2, 3] }, 4],
    ['an empty list', { a: [] }, 1],
    ['lists in lists', { a: [[], [[1]]] }, 5],
    ['objects', { a: { b: { c: 'x' }, d: 1 }, e: true }, 5],
  ])('of %s are counted', (_, variables, count) => {
    expect(within(variables, count)).toBe(true);
    if (count > 0) expect(within(variables, count - 1)).toBe(false);
  });
  it('are refused with the limit', () => {
    expect(() => assertVariables({ a: [1, 2] }, 2)).toThrow(
      expect.objectContaining({
        code: 'LIMIT_TOKENS',
        message: 'The variables hold more than 2 values: send fewer at once.',
      }),
    );
  });
  it('of any size are left at the first list that is too long', () => {
    expect(within({ a: new Array(1_000_000).fill({}) }, 10)).toBe(false);
  });
});
