import type { WatchedContract } from '../config/source.ts';

/** A source whose contract is published somewhere and looked after. */
export type Watched = { contract: WatchedContract; kind: string };
