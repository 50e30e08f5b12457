/** Laws of bulk calls with a clock: deadlines of requests, answers that come late, and rows that grow old. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Asking, keyList, principal, type Sent, SIZE, serve, settle } from './bulk-kit.ts';

const KEPT_MS = 80;

beforeAll(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterAll(() => {
  vi.useRealTimers();
});

type Answer = {
  data?: { parents: { key: string; row: { key: string; of: string; at: string } | null }[] } | null;
  errors?: { path?: readonly unknown[]; originalError?: { code?: string } }[];
};

const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ who: principal, keys: keyList, leftMs: fc.integer({ min: 10, max: 300 }) }) },
  { weight: 6, arbitrary: fc.record({ answer: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 50 }) }) },
);

it('a request fails when its own time is up and not before, its rows are its own and not too old, and nothing goes on for nobody', async () => {
  const inputs = fc.record({
    events: fc.array(event, { minLength: 6, maxLength: 24, size: 'max' }),
    isForwarded: fc.boolean(),
    isKept: fc.boolean(),
    isShared: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(inputs, async ({ events, ...settings }) => {
      const { ask, sent } = serve({ ...settings, keptMs: KEPT_MS });
      const requests: (Asking & {
        startedAt: number;
        underWay: ReadonlySet<Sent>;
        endedAt?: number;
        result?: Answer;
      })[] = [];
      const answered = new Set<Sent>();
      for (const each of events) {
        if ('passMs' in each) await vi.advanceTimersByTimeAsync(each.passMs);
        else if ('answer' in each) {
          const open = sent.filter((one) => !answered.has(one) && !one.signal.aborted);
          const call = open[each.answer % Math.max(1, open.length)];
          if (call) answered.add(call);
          call?.answer();
        } else {
          const underWay = new Set(sent.filter((call) => !answered.has(call) && !call.signal.aborted));
          const request: (typeof requests)[number] = { ...each, startedAt: Date.now(), underWay };
          requests.push(request);
          void Promise.resolve(ask(each)).then((result) => {
            Object.assign(request, { result, endedAt: Date.now() });
          });
        }
        await settle();
      }
      await vi.advanceTimersByTimeAsync(400);
      await settle();

      for (const { who, keys, leftMs = 0, startedAt, endedAt = Number.NaN, underWay, result } of requests) {
        // In time, whatever the source did.
        expect(endedAt - startedAt).toBeLessThanOrEqual(leftMs);
        expect(result?.data?.parents.map(({ key }) => key)).toEqual(keys);
        const failed = new Set(result?.errors?.map(({ path }) => path?.[1]));
        for (const { originalError } of result?.errors ?? []) expect(originalError?.code).toBe('DEADLINE_EXCEEDED');
        if (failed.size > 0) expect(endedAt - startedAt).toBe(leftMs);
        for (const [index, { key, row }] of (result?.data?.parents ?? []).entries()) {
          if (row === null) expect(failed.has(index) || key.startsWith('0')).toBe(true);
          else {
            expect([row.key, row.of]).toEqual([key, who]);
            const at = Number(row.at);
            const isJoined = [...underWay].some(
              (call) => call.at === at && call.who === who && call.keys.includes(key),
            );
            if (!settings.isKept && !(settings.isShared && isJoined)) expect(at).toBeGreaterThanOrEqual(startedAt);
            if (!isJoined) expect(startedAt - at).toBeLessThan(KEPT_MS);
          }
        }
      }
      for (const call of sent) {
        expect(call.keys.length).toBeLessThanOrEqual(SIZE);
        // Nobody waits any more: what was not answered has been given up.
        expect(answered.has(call) || call.signal.aborted).toBe(true);
      }
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 25, seed: 9 },
  );
});
