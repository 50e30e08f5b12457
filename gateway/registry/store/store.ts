/** Where bundles and the history of changes live: a folder or Redis, behind this one contract. */

/** What is known of one registered source. */
export type RegistryEntry = {
  /** Hash of the bundle that serves; empty with version 0. */
  bundle: string;
  /** Number of that version, from 1 and never given twice; 0 where the working tree's source serves, or none. */
  version: number;
  /** Highest number that a version of the source was given; `version` where absent. */
  last?: number;
  state: 'active' | 'deprecated' | 'quarantined' | 'withdrawn';
  /** Why it is in that state, for people. */
  stateReason?: string;
  /** Team that answers for it: only its tokens change it. */
  owner?: string;
  /** Hash of the working tree's source of this name when the change was made: as long as the tree has that, the registry wins. */
  overTree?: string;
  /** A version that waits to be promoted, and why. */
  held?: { bundle: string; version: number; reason: string; at: number; by?: string; isVouched?: true };
  /** What was served before, newest last, the serving one included; bounded. */
  versions: readonly SourceVersion[];
};

/** One version of a source: who made it, and when, whoever goes back to it later. */
export type SourceVersion = {
  version: number;
  bundle: string;
  at: number;
  by: string;
  /** Whether who may change every source stands for where its contract is looked for: that may be inside the network. */
  isVouched?: true;
};

/** One change, and the whole state after it. Revisions are written once and never changed: together they are history and audit. */
export type Revision = {
  /** From 1, each one more than the last. */
  number: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** Who: the name of the token, or of what acts by itself. */
  by: string;
  what: 'add' | 'update' | 'withdraw' | 'rollback' | 'hold' | 'promote' | 'drop-held' | 'state';
  source: string;
  /** Why, as who made the change says. */
  reason?: string;
  /** Hash of the bundle the change brought or was about; absent for what only the project folder has. */
  bundle?: string;
  /** The source's state after it; absent where the registry has no word on it any more, and in what older gateways wrote. */
  state?: RegistryEntry['state'];
  /** Whether it broke operations in use, and was made because somebody forced it. */
  forced?: true;
  sources: Readonly<Record<string, RegistryEntry>>;
  /** Hash of the unified texts as the publisher built them: `{ publicText, privateText, lock }` as JSON. */
  unified?: string;
};

export type RegistryStore = {
  /** The newest revision; undefined in an empty registry. */
  head(): Promise<Revision | undefined>;
  /** Content-addressed: `hash` is the SHA-256 of the bytes in hex. Putting twice is the same as once. */
  putBlob(hash: string, bytes: Buffer): Promise<void>;
  /**
   * The same for the content of a file. Its hash is what whoever wrote it says: what is as large as that is not read where requests are
   * served. Who takes it out again finds out.
   */
  putBlobFile(hash: string, file: string): Promise<void>;
  /** Copies it into a file that is not there yet; says whether there is one. The bytes are not looked at: who reads them has to. */
  copyBlob(hash: string, file: string): Promise<boolean>;
  /** Undefined where there is none; rejects where the bytes have another hash. One that no kept revision refers to goes after an hour or two. */
  getBlob(hash: string): Promise<Buffer | undefined>;
  /**
   * Compare-and-set: appends only when the head's number is `revision.number - 1`; says whether it did. When it rejects with
   * REGISTRY_UNAVAILABLE the change may have been made or not: the head tells.
   */
  append(revision: Revision): Promise<boolean>;
  /** Revisions, newest first: those before the number `before`, as far back as they are kept. */
  history(options: { source?: string; before?: number; limit: number }): Promise<readonly Revision[]>;
  /**
   * Calls `changed` soon (within 2 s) after the head moved, whoever moved it, and at first when there is a head at all, so that nothing
   * is missed between reading and watching. Ends with the returned function.
   */
  watch(changed: () => void): () => void;
  [Symbol.asyncDispose](): Promise<void>;
};
