/** The proof of limits in small (`npm run proof:limits` has eight processes and 200,000 requests). */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { reaches, redisTimeMs, redisUrl } from '../../kit/redis-servers.ts';
import { judge, POINTS, type Report, runLoad, WINDOW_MS } from '../../proof/limit-load.ts';

const hasRedis = await reaches(redisUrl);
if (!hasRedis) process.stderr.write(`no Redis at ${redisUrl}: the proof of limits is not run\n`);

it.runIf(hasRedis)(
  'several gateways over one Redis let no more through than budgets hold, and nobody spends another’s',
  async () => {
    const prefix = `tributary-test:${randomUUID()}:`;
    const startedAt = await redisTimeMs(redisUrl);
    // However long a busy machine takes for it, the load fills the budgets: hardly anything comes back meanwhile.
    const windowMs = 3_600_000;
    const load = { url: redisUrl, prefix, requests: 3000, inFlight: 16, windowMs };
    const reports = await Promise.all([1, 2, 3].map((seed) => runLoad({ ...load, seed })));
    const { faults } = judge(reports, (await redisTimeMs(redisUrl)) - startedAt, windowMs);
    expect(faults).toEqual([]);
  },
);

it('the verdict sees a budget that was overdrawn by more than a hundredth, and a quiet one that was refused', () => {
  const budgets = [
    ...Array.from({ length: 16 }, (_, n) => `k${n}`),
    ...Array.from({ length: 4 }, (_, n) => `192.0.2.${n}`),
  ];
  const report = (points: number, quietRefused = 0): Report => {
    return {
      points: { ...Object.fromEntries(budgets.map((name) => [name, points])), quiet: 9 },
      let: 1,
      refused: 1,
      quietRefused,
      quietAsked: 9,
    };
  };
  const allowed = 2 * POINTS;
  expect(judge([report(allowed / 2), report(allowed / 2)], WINDOW_MS).faults).toEqual([]);
  expect(judge([report(allowed * 1.02)], WINDOW_MS).faults).toHaveLength(20);
  expect(judge([report(allowed, 1)], WINDOW_MS).faults).toHaveLength(1);
  expect(judge([report(allowed * 0.1)], WINDOW_MS).faults).toHaveLength(1);
});
