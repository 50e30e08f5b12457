import type { ContractLimits } from '../config/build.ts';
import type { Policy } from '../config/policy.ts';
import type { Ingested } from '../ingest/index.ts';
import type { ImportReport } from '../ingest/wire.ts';
import type { LayoutPlan } from './layout.ts';
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
  /** What came of the contract when the same build was tried before. */
  outcome?: Outcome;
};

/** A contract that was read, or the sentence it is refused with. */
export type Outcome = { ingested: Ingested } | { refused: string };

/** What a build process is asked. All of it can cross the boundary of a process. */
export type BuildJob = { dir: string; sources: JobSource[]; lock: NamesLock; limits?: ContractLimits };

/** Which files does a contract consist of? */
export type LayoutJob = {
  /** Absolute path. */
  contract: string;
  kind: 'openapi' | 'grpc';
  /** Absolute paths. */
  includeDirs: readonly string[];
  limits: ContractLimits;
};

export type LayoutAnswer = { plan: LayoutPlan } | { fault: string };

/** What a process of its own is asked: `worker` is who answers there. */
export type Task = { worker: 'build-worker'; job: BuildJob } | { worker: 'layout-worker'; job: LayoutJob };

export type BuildAnswer = {
  /** The result, when there is one. */
  built?: { sources: [string, string][]; publicText: string; privateText: string; lock: NamesLock };
  reports: ImportReport[];
  /** Sources that could not be read, and why; those with an older text are served by it. */
  failed: { source: string; message: string; servedByOlder: boolean }[];
  /** Why nothing could be built. */
  fault?: string;
};

/** What is being done: when the process dies of it, this is who is to blame. */
export type Step = { kind: 'start' } | { kind: 'read'; source: string } | { kind: 'unite' };

/** What a build says on its way. */
export type BuildNews<Answer = BuildAnswer> =
  | { step: Step }
  /** The contract of the step has been read. */
  | { source: string; outcome: Outcome }
  | { answer: Answer }
  /** The thread is gone without an answer. */
  | { died: 'memory' | 'fault'; message?: string };
