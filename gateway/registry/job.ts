import type { Policy } from '../config/policy.ts';
import type { ImportReport } from '../ingest/wire.ts';
import type { NamesLock } from './tree.ts';

/** One source of a build job. */
export type JobSource = {
  name: string;
  policy: Policy;
  joins: string;
  /** Read the contract and write this hash into the text's header; absent to take `text` as it is. */
  ingestAs?: string;
  /** The text there is already: taken when nothing is ingested, and when ingest fails. */
  text?: string;
};

/** What the build worker is asked. All of it can cross a thread boundary. */
export type BuildJob = { dir: string; sources: JobSource[]; lock: NamesLock };

export type BuildAnswer = {
  /** The result, when there is one. */
  built?: { sources: [string, string][]; publicText: string; privateText: string; lock: NamesLock };
  reports: ImportReport[];
  /** Sources that could not be read, and why; those with an older text are served by it. */
  failed: { source: string; message: string; servedByOlder: boolean }[];
  /** Why nothing could be built. */
  fault?: string;
};
