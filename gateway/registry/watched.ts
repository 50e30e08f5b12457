import type { WatchedContract } from '../config/source.ts';

/** A source whose contract is published somewhere and looked after. */
export type Watched = {
  contract: WatchedContract;
  kind: string;
  /** Whether a team wrote the address down: it is judged like that of an upload whenever it is asked. */
  isGuarded: boolean;
};
