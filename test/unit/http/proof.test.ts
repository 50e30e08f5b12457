import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../gateway/errors.ts';
import { createProofCheck } from '../../../gateway/http/proof.ts';
import { until } from '../../kit/until.ts';

describe('asking about a proof again', () => {
  const principal = { kind: 'key', id: 'key:a', roles: [], scopes: [] } as const;
  const given = { headers: new Map<string, string>(), peer: { address: '127.0.0.1' }, path: '/graphql', principal };

  it('is one question at a time', async () => {
    const answers: ((settled: typeof principal) => void)[] = [];
    const taken: unknown[] = [];
    const check = createProofCheck({
      identify: () => new Promise((resolve) => answers.push(resolve)),
      shown: given,
      take: (each) => taken.push(each),
      end: (error) => taken.push(error),
    });
    check();
    check();
    expect(answers).toHaveLength(1);
    answers[0]?.(principal);
    await until(() => taken.length === 1);
    await until(() => {
      check();
      return answers.length === 2;
    });
    expect(taken).toEqual([principal]);
  });

  it.each([
    [new GatewayError('UNAUTHENTICATED'), true],
    [new Error('nobody expected this'), true],
    [new GatewayError('SOURCE_UNAVAILABLE'), false],
    [new GatewayError('RATE_LIMITED'), false],
  ])('ends with %s: %s', async (error, isEnd) => {
    const ended: unknown[] = [];
    let asked = 0;
    const identify = () => {
      asked += 1;
      throw error;
    };
    const check = createProofCheck({ identify, shown: given, end: (each) => ended.push(each) });
    await until(() => {
      check();
      return asked === 2;
    });
    expect(ended.length > 0).toBe(isEnd);
  });
});
