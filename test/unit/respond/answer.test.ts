import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../gateway/context.ts';
import { GatewayError, MOST_ERRORS } from '../../../gateway/errors.ts';
import { fail } from '../../../gateway/execute/compiled/faults.ts';
import type { Place, Run } from '../../../gateway/execute/compiled/words.ts';
import { maskResult } from '../../../gateway/respond/answer.ts';

const context = { requestId: 'id' } as RequestContext;

/** Errors of so many places of a list. */
function errorsOf(count: number): GraphQLError[] {
  return Array.from({ length: count }, (_, index) => {
    const originalError = new GatewayError('UPSTREAM_TIMEOUT', { source: 'people' });
    return new GraphQLError(originalError.message, { path: ['people', index, 'name'], originalError });
  });
}

describe('an answer with errors', () => {
  it('lists them all, up to a bound', () => {
    const { result, errors } = maskResult({ data: {}, errors: errorsOf(MOST_ERRORS) }, context);
    expect([result.errors?.length, errors.length]).toEqual([MOST_ERRORS, MOST_ERRORS]);
    expect(result.errors?.at(-1)?.message).toBe('The source did not answer in time: try again later.');
  });

  it('says in the last one how many more there are', () => {
    const { result, errors } = maskResult({ data: {}, errors: errorsOf(MOST_ERRORS + 234) }, context);
    expect([result.errors?.length, errors.length]).toEqual([MOST_ERRORS, MOST_ERRORS]);
    expect(result.errors?.at(-1)).toMatchObject({
      message: 'The source did not answer in time: try again later. 234 more errors of this answer are not listed.',
      path: ['people', MOST_ERRORS - 1, 'name'],
      extensions: { code: 'UPSTREAM_TIMEOUT', source: 'people' },
    });
  });

  it('by a program has no more of them made than are listed, and all counted', () => {
    const errors: GraphQLError[] = [];
    const run = { errors, at: [0] } as unknown as Run;
    const place = { node: { nodes: [] }, trail: ['people', 0, 'name'] } as unknown as Place;
    for (let index = 0; index < MOST_ERRORS + 500; index += 1) {
      run.at[0] = index;
      fail(run, place, new GatewayError('UPSTREAM_TIMEOUT', { source: 'people' }));
    }
    expect([errors.length, new Set(errors).size]).toEqual([MOST_ERRORS + 500, MOST_ERRORS]);
    expect(errors[MOST_ERRORS - 1]?.path).toEqual(['people', MOST_ERRORS - 1, 'name']);
    expect(maskResult({ data: {}, errors }, context).result.errors?.at(-1)?.message).toContain(' 500 more errors ');
  });
});
