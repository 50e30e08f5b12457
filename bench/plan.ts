import type { Vary } from './load/request.ts';
import type { Cell, Setup, WorkloadName } from './types.ts';

/**
 * What one run measures, and for how long. Rounds alternate between the servers; every figure is a median over them. The
 * first warm-up after a start is longer: it also pays for compilation.
 */
export type Plan = {
  rounds: number;
  starts: number;
  connections: Readonly<Record<WorkloadName, number>>;
  seconds: number;
  firstWarmupSeconds: number;
  warmupSeconds: number;
  drainSeconds: number;
  cells: readonly Cell[];
};

const posts: Setup = { workload: 'posts', forward: false };
const postsForward: Setup = { workload: 'posts', forward: true };
/** What another region or a busy service takes. */
const postsFar: Setup = { ...posts, latencyMs: 20 };
/** Every request bears a token: with all policies on it is checked, and the bare server pays it no heed. */
const postsSigned: Setup = { ...posts, signed: true };
const shop: Setup = { workload: 'shop', forward: false };

/**
 * The rows of a run. A full one asks every query in every way; a quick one keeps the rows that tell most.
 *
 * @param seconds how long each round issues requests; null for the default
 * @param rounds how many there are of each row; null for the default
 */
export function createPlan(quick: boolean, seconds: number | null, rounds: number | null = null): Plan {
  const rows = (setup: Setup, caseName: string, ...varies: Vary[]): Cell[] =>
    varies.map((vary) => ({ setup, caseName, vary }));
  const all: Cell[] = [
    ...rows(posts, 'posts-users', 'nothing', 'operation', 'argument', 'caller'),
    ...rows(posts, 'posts-titles', 'nothing', 'operation', 'argument', 'caller'),
    ...rows(posts, 'greet', 'nothing', 'operation', 'caller'),
    ...rows(postsForward, 'posts-users', 'caller'),
    ...rows(postsForward, 'posts-titles', 'caller'),
    ...rows(postsForward, 'greet', 'caller'),
    ...rows(postsFar, 'posts-users', 'nothing', 'caller'),
    ...rows(postsSigned, 'posts-users', 'nothing', 'operation'),
    ...rows(postsSigned, 'greet', 'nothing'),
    ...rows(shop, 'shop-join', 'nothing', 'operation', 'caller'),
  ];
  const few: Cell[] = [
    ...rows(posts, 'posts-users', 'nothing', 'operation', 'caller'),
    ...rows(posts, 'greet', 'nothing'),
    ...rows(postsForward, 'posts-users', 'caller'),
    ...rows(postsSigned, 'posts-users', 'nothing'),
    ...rows(shop, 'shop-join', 'operation'),
  ];
  return {
    rounds: rounds ?? (quick ? 2 : 3),
    starts: quick ? 1 : 3,
    // 100 is the public benchmark's number; an answer of the shop is worth many of its.
    connections: { posts: 100, shop: 20 },
    seconds: seconds ?? (quick ? 0.8 : 2.5),
    firstWarmupSeconds: quick ? 1 : 4,
    warmupSeconds: quick ? 0.4 : 0.7,
    drainSeconds: 20,
    cells: quick ? few : all,
  };
}

/** The servers of a quick run, beside all variants of ours: the fastest of each kind, and the floor. */
export const quickPeers: readonly string[] = ['hand-written', 'hive-gateway-tuned', 'mercurius', 'tailcall'];

/** The setups the cells need, in their order, each once. */
export function setupsOf(cells: readonly Cell[]): Setup[] {
  return [...new Map(cells.map(({ setup }) => [setupKey(setup), setup])).values()];
}

export function setupKey({ workload, forward, latencyMs, signed }: Setup): string {
  const parts = [workload, ...(forward ? ['forward'] : []), ...(latencyMs ? [`${latencyMs}ms`] : [])];
  return [...parts, ...(signed ? ['signed'] : [])].join('-');
}
