/** Where whole answers are kept. Every store does the same: one suite of tests holds all of them to it. */

/** An answer to be kept. */
export type Keepable = {
  readonly text: string;
  /** Names it is dropped by, as `hashTag` writes them. */
  readonly tags: readonly string[];
  readonly ttlMs: number;
  /** How long of that it is fresh. */
  readonly freshMs: number;
};

/** An answer as a store has it. Times are told by the store's own clock. */
export type Kept = {
  readonly text: string;
  readonly tags: readonly string[];
  /** How long the store has had it, how much longer it will, and how much longer it is fresh, in ms. */
  readonly heldMs: number;
  readonly leftMs: number;
  readonly freshMs: number;
};

/** Leave to make an answer anew. */
export type Fill = {
  /** Where the store stands: what is dropped from now on makes an answer of this fill old before it is there. */
  readonly stamp: string;
  /** Who makes the answer, by the name they gave: whoever else asks had better wait. */
  readonly holder: string;
};

export type AnswerStore = {
  /** What is kept under the key; undefined for what is too old or was dropped by one of its names. */
  get(key: string): Promise<Kept | undefined>;
  /**
   * Says that an answer is about to be made. The first one to say so holds the key for `lockMs`, or until `end`; saying it again makes it
   * last. Call it before anything that the answer is made from is asked for.
   */
  begin(key: string, holder: string, lockMs: number): Promise<Fill>;
  end(key: string, holder: string): Promise<void>;
  /** @returns false, and keeps nothing, when one of its names was dropped since the stamp, or the answer is too large */
  set(key: string, answer: Keepable, stamp: string): Promise<boolean>;
  /**
   * Drops all answers that have one of the names, also those that are being made.
   * @returns whether every replica knows; else they are told as soon as that is possible
   */
  drop(tags: readonly string[]): Promise<boolean>;
  [Symbol.asyncDispose](): Promise<void>;
};
