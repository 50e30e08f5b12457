/** The load of the proof of limits: what one process sends, and what all of them together may have got. */
import { gatewaySchema } from '../../gateway/config/schema.ts';
import { Secret } from '../../gateway/config/secret.ts';
import type { Cost, Price, Principal } from '../../gateway/context.ts';
import { GatewayError } from '../../gateway/errors.ts';
import { realTimer } from '../../gateway/lib/timer.ts';
import { guardStore } from '../../gateway/limit/guard.ts';
import { createLimiter, type LimitedContext } from '../../gateway/limit/limiter.ts';
import { createMemoryLimitStore } from '../../gateway/limit/memory-store.ts';
import { createRedisLimitStore } from '../../gateway/limit/redis-store.ts';
import { until } from '../kit/until.ts';

export type Load = {
  readonly url: string;
  readonly prefix: string;
  readonly seed: number;
  readonly requests: number;
  readonly inFlight: number;
  /** In which a budget comes back (WINDOW_MS without it). */
  readonly windowMs?: number;
};

/** Points that got through by budget, and what was refused. */
export type Report = {
  readonly points: Readonly<Record<string, number>>;
  readonly let: number;
  readonly refused: number;
  /** Refusals of the one who stays far below its budget. */
  readonly quietRefused: number;
  readonly quietAsked: number;
};

/** Greedy ones, each with a budget of its own. */
const PRINCIPALS = 16;
/** Addresses of anonymous ones, who say in each request that they are somebody else. */
const ADDRESSES = 4;
export const POINTS = 1000;
export const WINDOW_MS = 10_000;

function rulesOf(windowMs: number) {
  return gatewaySchema.parse({
    rateLimits: [
      {
        name: 'by-principal',
        by: ['principal'],
        match: { kinds: ['key'] },
        points: POINTS,
        windowMs,
        fail: 'closed',
      },
      { name: 'by-address', by: ['ip', 'anonymous'], points: POINTS, windowMs, fail: 'closed' },
      { name: 'all', by: [], points: 1_000_000_000, cost: 'requests', fail: 'closed' },
    ],
  });
}

/** Small and seeded (mulberry32), so that a run can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function amount(points: number): Cost {
  return { points, calls: 0, bySource: new Map() };
}

function priceOf(points: number): Price {
  return { ...amount(points), parts: [], pages: [], unsliced: [], isTruncated: false, costOf: () => amount(points) };
}

/** Sends the load as one process of the gateway would: by the limiter over a connection of its own. */
export async function runLoad({ url, prefix, seed, requests, inFlight, windowMs = WINDOW_MS }: Load): Promise<Report> {
  const random = randomOf(seed);
  const store = createRedisLimitStore({
    url: new Secret(url),
    prefix,
    timeoutMs: 30_000,
    onFault: () => undefined,
  });
  await until(
    async () =>
      (await store
        .take([{ kind: 'points', key: '{ready}', points: 0, emissionMs: 1, depthMs: 1, shadow: false }])
        .catch(() => undefined)) !== undefined,
  );
  // The question is what the store decides, not how long it takes on a machine that is busy with nine processes.
  const shared = guardStore(store, { timeoutMs: 30_000, now: Date.now, after: realTimer, onFault: () => undefined });
  const local = createMemoryLimitStore({ maxKeys: 1000, now: Date.now });
  const limit = createLimiter({
    rules: rulesOf(windowMs),
    stores: { local, shared },
    localSharePercent: 10,
    after: realTimer,
    randomId: () => String(random()),
    onRefusal: () => undefined,
  });
  const report = { points: {} as Record<string, number>, let: 0, refused: 0, quietRefused: 0, quietAsked: 0 };
  const below = (most: number): number => Math.floor(random() * most);

  async function send(index: number): Promise<void> {
    const isQuiet = index % 100 === 0;
    const isAnonymous = !isQuiet && index % 4 === 1;
    const address = `192.0.2.${below(ADDRESSES)}`;
    const id = isQuiet ? 'quiet' : isAnonymous ? 'anonymous' : `k${below(PRINCIPALS)}`;
    const principal: Principal = { kind: isAnonymous ? 'anonymous' : 'key', id, roles: [], scopes: [] };
    const price = isQuiet ? 1 : 1 + below(8);
    // Some of the price is not used in the end.
    const real = isQuiet ? 1 : price - below(price);
    const context: LimitedContext = {
      peer: { address },
      path: '/graphql',
      principal,
      headers: new Map([['x-forwarded-for', `198.51.100.${below(256)}`]]),
      operation: undefined,
      price: priceOf(price),
      cost: undefined,
      calls: [],
      quota: undefined,
      eventBudget: undefined,
      atEnd: undefined,
    };
    if (isQuiet) report.quietAsked += 1;
    try {
      await limit(context);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'RATE_LIMITED') throw error;
      report.refused += 1;
      if (isQuiet) report.quietRefused += 1;
      return;
    }
    report.let += 1;
    const budget = isAnonymous ? address : id;
    report.points[budget] = (report.points[budget] ?? 0) + real;
    context.cost = amount(real);
    for (const act of context.atEnd ?? []) act();
  }

  let next = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < requests) {
        next += 1;
        await send(next);
      }
    }),
  );
  // What is given back is on its way on the same connection: one more question comes after all of it.
  await store.take([{ kind: 'points', key: '{ready}', points: 0, emissionMs: 1, depthMs: 1, shadow: false }]);
  await store[Symbol.asyncDispose]();
  return report;
}

export type Verdict = {
  readonly lines: readonly string[];
  readonly faults: readonly string[];
};

/**
 * Whether what got through is what budgets allow: in any time, what they hold, and what comes back meanwhile.
 *
 * @param elapsedMs on Redis's own clock, from before the first request until after the last
 */
export function judge(reports: readonly Report[], elapsedMs: number, windowMs = WINDOW_MS): Verdict {
  const allowed = POINTS + (POINTS * elapsedMs) / windowMs;
  const points = new Map<string, number>();
  for (const report of reports)
    for (const [budget, sum] of Object.entries(report.points)) points.set(budget, (points.get(budget) ?? 0) + sum);
  const greedy = [...points].filter(([budget]) => budget !== 'quiet');
  const most = Math.max(...greedy.map(([, sum]) => sum));
  const least = Math.min(...greedy.map(([, sum]) => sum));
  const total = (of: (report: Report) => number): number => reports.reduce((sum, report) => sum + of(report), 0);
  const quiet = total(({ quietRefused }) => quietRefused);
  const percent = (sum: number): string => `${((100 * sum) / allowed).toFixed(2)} %`;
  const faults = [
    ...greedy.flatMap(([budget, sum]) => (sum > allowed * 1.01 ? [`${budget} got ${percent(sum)} of its budget`] : [])),
    ...(quiet > 0 ? [`the quiet one was refused ${quiet} times: somebody spent what was its`] : []),
    ...(greedy.length === PRINCIPALS + ADDRESSES
      ? []
      : [`${greedy.length} budgets were seen in place of ${PRINCIPALS + ADDRESSES}`]),
    ...(least < allowed * 0.5 ? [`somebody got only ${percent(least)}: the load does not fill the budgets`] : []),
  ];
  const lines = [
    `${total((report) => report.let + report.refused)} requests, ${total((report) => report.let)} let through, in ${Math.round(elapsedMs)} ms`,
    `each budget allowed ${Math.round(allowed)} points; of ${greedy.length} that were overdrawn all the time, the most got through ${percent(most)}, the least ${percent(least)}`,
    `the quiet one was refused ${quiet} of ${total(({ quietAsked }) => quietAsked)} times`,
  ];
  return { lines, faults };
}
