import type { Case, WorkloadName } from '../types.ts';
import { createPostsCases } from './posts/workload.ts';
import { createShopCases } from './shop/workload.ts';

/** A workload: the module of its upstream process, and its queries with their expected answers. */
export type Workload = { upstream: URL; createCases: () => readonly Case[] };

export const workloads: Record<WorkloadName, Workload> = {
  posts: { upstream: new URL('../upstream/posts.ts', import.meta.url), createCases: createPostsCases },
  shop: { upstream: new URL('../upstream/shop.ts', import.meta.url), createCases: createShopCases },
};
