/** A change as a build process is asked for it: all of it can cross the boundary of a process, and what is large stands in files. */
import type { Proposal } from '../../compose/propose/proposal.ts';
import type { ContractLimits } from '../../config/build.ts';
import type { ImportReport } from '../../ingest/wire.ts';
import type { OperationRecord } from '../../record/store.ts';
import type { Impact } from '../impact.ts';
import type { BlobFile, Outcome } from '../job.ts';
import type { RefusalKind } from '../refusal.ts';
import type { Revision } from '../store/store.ts';
import type { Apply, Verdict } from './gate.ts';
import type { Actor, Manner, Upload } from './types.ts';
import type { VariableRules } from './variables.ts';

/** An upload whose files stand in folders. */
export type LaidUpload = Omit<Upload, 'contract' | 'files'> & {
  readonly contract?: { readonly folder: string; readonly main: string } | { readonly reflection: string };
  /** Folder of the other files. */
  readonly files?: string;
};

/** What a source is to become. */
export type NextSource =
  | {
      readonly kind: 'upload';
      readonly upload: LaidUpload;
      /** Environment variables that the operator allows, and those of gateway.yaml. */
      readonly variables: Pick<VariableRules, 'allowed' | 'gateway'>;
    }
  /** It is taken out. */
  | { readonly kind: 'nothing' }
  /** An earlier version, or one that waits. */
  | { readonly kind: 'bundle'; readonly hash: string }
  /** What the working tree has. */
  | { readonly kind: 'tree' };

export type ChangeJob = {
  /** The project folder. */
  readonly dir: string;
  readonly name: string;
  readonly what: Revision['what'];
  readonly next: NextSource;
  readonly actor: Actor;
  readonly manner: Manner;
  /** For changes that nobody asked for. */
  readonly apply?: Apply;
  /** Hosts inside the network that teams may have contracts looked for at. */
  readonly allowInternal: readonly string[];
  /** Whether joins are proposed. */
  readonly propose: boolean;
  /** The registry as it stands. */
  readonly head: Revision | undefined;
  /** Folder with what that refers to, a file for each hash, and where files for what is made are written. */
  readonly folder: string;
  /** File with the schema that clients see now; undefined where nothing is served. */
  readonly servedFile: string | undefined;
  /** What clients ask of it; undefined where that is not recorded. */
  readonly operations: readonly OperationRecord[] | undefined;
  /** The day of the change, as people write it. */
  readonly today: string;
  readonly limits: ContractLimits;
  /** Most bytes of all files of a source. */
  readonly maxBytes: number;
  /** What came of contracts when the same change was tried before. */
  readonly outcomes: readonly (readonly [source: string, Outcome])[];
};

/** What the change would come to. */
export type Made = {
  readonly bundle?: BlobFile;
  /** The unified texts; absent where the change is not to be served. */
  readonly unified?: BlobFile;
  /** The team that the policy names, or named where the source is taken out. */
  readonly owner?: string;
  /** Hash of the working tree's source of that name. */
  readonly overTree?: string;
  /** Whether somebody stands for where its contract is looked for; see `SourceVersion`. */
  readonly isVouched?: true;
  readonly verdict: Verdict;
  readonly report?: ImportReport;
  readonly impact?: Impact;
  readonly proposals: readonly Proposal[];
  /** `Type.field` of joins that were written. */
  readonly acceptedJoins: readonly string[];
};

export type ChangeAnswer =
  | { readonly made: Made }
  /** It is what there is already, byte for byte. */
  | { readonly unchanged: true }
  | { readonly refused: { kind: RefusalKind; message: string; details: Readonly<Record<string, unknown>> } }
  /** A fault of ours, for the log. */
  | { readonly broken: string };
