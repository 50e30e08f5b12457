/** Operations that clients run, as a change of the schema is judged by: in memory or Redis, behind this one contract. */

/** What is known of one operation as one client runs it. */
export type OperationRecord = {
  /** SHA-256 of the document's text in hex. */
  hash: string;
  /** Name of the operation; empty for one without. */
  name: string;
  /** Who runs it, as the client says of itself: `web`, `web@1.4.2`. */
  client: string | undefined;
  /** The minute it was last run in: milliseconds since the epoch. */
  lastSeen: number;
  /** How often it was run. */
  count: number;
  /** What of the schema it uses (see coordinates.ts). */
  coordinates: readonly string[];
};

/** One run. */
export type OperationSeen = Pick<OperationRecord, 'hash' | 'name' | 'client' | 'coordinates'>;

export type RecordStore = {
  /** Notes one run. Never waits and never fails: what a store cannot keep is lost. */
  record(seen: OperationSeen): void;
  /** All that is known, seen last first. */
  list(): Promise<readonly OperationRecord[]>;
  /** Goes on with the records of another process. Only where they are kept in the memory of one. */
  adopt?(records: readonly OperationRecord[]): void;
  [Symbol.asyncDispose](): Promise<void>;
};

export type RecordLimits = {
  /** Most records; those not seen for longest go first. */
  readonly max: number;
  /** How long a record outlives the last run, in ms. */
  readonly keepMs: number;
};

const MINUTE_MS = 60_000;

/** Coarse, so that a record that is seen all the time seldom changes. */
export function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

/** What tells records apart. */
export function recordKey({ hash, name, client = '' }: Pick<OperationRecord, 'hash' | 'name' | 'client'>): string {
  return `${hash} ${name} ${client}`;
}

/** Seen last first, ties by key. */
export function sortRecords(records: readonly OperationRecord[]): OperationRecord[] {
  return [...records].sort((a, b) => b.lastSeen - a.lastSeen || (recordKey(a) < recordKey(b) ? -1 : 1));
}
