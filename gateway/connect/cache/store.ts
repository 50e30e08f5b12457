/** What makes texts that were kept before useless. */
export type Mark = { readonly key: string; readonly text: string; readonly ttlMs: number };

/** Where answers of calls are kept. Every store does the same: one suite of tests holds all of them to it. */
export type CacheStore = {
  /** The texts under the keys, in their order; undefined for what is not there or is too old. */
  get(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  /** Keeps a text for so long; what is too large for the store is not kept. */
  set(key: string, text: string, ttlMs: number): Promise<void>;
  /** As `set`, where others keep texts of their own that have to know of it; without it nobody has. */
  mark?(mark: Mark): Promise<void>;
  delete(key: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};
