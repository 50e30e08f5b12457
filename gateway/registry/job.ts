import type { Proposal } from '../compose/propose/proposal.ts';
import type { ContractLimits } from '../config/build.ts';
import type { Policy } from '../config/policy.ts';
import type { Ingested } from '../ingest/index.ts';
import type { ImportReport } from '../ingest/wire.ts';
import type { OperationRecord } from '../record/store.ts';
import type { Impact } from './impact.ts';
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
  /** Keeps what `text` has and the contract has no longer, deprecated, for clients that still ask for it. */
  keepRemoved?: boolean;
  /** What came of the contract when the same build was tried before. */
  outcome?: Outcome;
};

/** What is wanted beside the texts. */
export type BuildWishes = {
  /** Source for which joins are proposed that nobody wrote yet. */
  propose?: string;
  /** Whether the proposed joins are added to those of that source. */
  acceptJoins?: boolean;
  /** What is served now, and what clients ask of it: the answer tells the impact of the change. */
  against?: { publicText: string; operations: readonly OperationRecord[] };
  /** Source whose new text keeps what its contract dropped. */
  keepRemoved?: string;
  /** The day of the change, as people write it: since when a contract lacks what `keepRemoved` keeps. */
  today?: string;
};

/** A contract that was read, or the sentence it is refused with. */
export type Outcome = { ingested: Ingested } | { refused: string };

/** What the registry keeps under a hash, as a file of its own. */
export type BlobFile = { hash: string; file: string };

/** What a build process is asked. All of it can cross the boundary of a process. */
export type BuildJob = Omit<BuildWishes, 'keepRemoved'> & {
  dir: string;
  sources: JobSource[];
  lock: NamesLock;
  limits?: ContractLimits;
  /** In place of a build: two bundles of one source, as files, whose texts are compared. */
  compare?: { before: BlobFile; after: BlobFile };
};

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

export type BuildAnswer = {
  /** The result, when there is one. */
  built?: { sources: [string, string][]; publicText: string; privateText: string; lock: NamesLock };
  reports: ImportReport[];
  /** Present where the job says against what, and something was built. */
  impact?: Impact;
  /** Sources that could not be read, and why; those with an older text are served by it. */
  failed: { source: string; message: string; servedByOlder: boolean }[];
  /** Why nothing could be built. */
  fault?: string;
  /** Joins that were proposed; with `acceptJoins` they are made. */
  proposals?: readonly Proposal[];
  /** `joins.graphql` with those that were accepted; absent where none were. */
  joins?: string;
};

/** What is being done: when the process dies of it, this is who is to blame. */
export type Step = { kind: 'start' } | { kind: 'read'; source: string } | { kind: 'unite' };

/** A piece of the text with that number; pieces of a text come in order. */
export type Piece = { readonly of: number; readonly piece: string };

/** How far a build is. */
export type Progress =
  | { step: Step }
  /** The contract of the step has been read. */
  | { source: string; outcome: Outcome };

/** What a build says on its way. */
export type BuildNews<Answer = BuildAnswer> =
  | Progress
  /** Of a text of the answer that follows. */
  | Piece
  | { answer: Answer }
  /** The thread is gone without an answer. */
  | { died: 'memory' | 'fault'; message?: string };
