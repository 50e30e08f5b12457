/** An operation that a client registered. */
export type Registered = { readonly hash: string; readonly text: string };

/** Where registered operations are kept. Every store does the same: one suite of tests holds all of them to it. */
export type OperationStore = {
  /** The text that was registered under the hash; undefined when there is none, or it is too old. */
  get(hash: string): Promise<string | undefined>;
  set(hash: string, text: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};
