/** What teams ask of the registry, and what they get. The admin port and the command line speak these words. */
import type { Proposal } from '../../compose/propose/proposal.ts';
import type { ImportReport } from '../../ingest/wire.ts';
import type { Impact } from '../impact.ts';
import type { SourceKind } from '../source-kinds.ts';
import type { RegistryEntry, Revision } from '../store/store.ts';

/** Who asks: a token, or the gateway itself. */
export type Actor = {
  name: string;
  /** Teams whose sources it may change; `*` is every team. */
  owners: readonly string[];
  /** Whether addresses are judged as a team's, whatever it may change: the gateway acts for a team then. */
  isGuarded?: boolean;
};

/** A contract as it was uploaded, or where to get it. */
export type ContractUpload =
  | { files: ReadonlyMap<string, Buffer>; main: string }
  | { url: string }
  /** `host:port` of a gRPC server that describes itself. */
  | { reflection: string };

/** What of a source is new; what is absent stays as it is. */
export type Upload = {
  contract?: ContractUpload;
  kind?: SourceKind;
  endpoint?: string;
  /** Text of `policy.yaml`. */
  policy?: string;
  /** Text of `joins.graphql`. */
  joins?: string;
  /** Metadata of gRPC calls and of reflection. */
  metadata?: Readonly<Record<string, string>>;
  /** Other files of the folder, such as certificates. */
  files?: ReadonlyMap<string, Buffer>;
};

/** One change as the audit has it: without the state of everything else. */
export type AuditRecord = Omit<Revision, 'sources'>;

/** How a change is to be made. */
export type Manner = {
  /** Only says what would come of it. */
  dryRun?: boolean;
  /** Makes the change although it breaks operations that are in use; needs a reason. */
  force?: boolean;
  reason?: string;
  /** Version of the source the change was made for, 0 for none: another one is a conflict. */
  expects?: number;
  /** Writes the proposed joins into the source's `joins.graphql`. */
  acceptJoins?: boolean;
  /** Keeps what the contract dropped, deprecated, where the wire allows it. */
  keepRemoved?: boolean;
  /** Least score of the import report. */
  failUnder?: number;
  /** Keeps the version without serving it, until it is promoted. */
  hold?: boolean;
};

export type Wish = Manner & { name: string; what: 'add' | 'update'; upload: Upload };

export type Outcome = {
  source: string;
  what: Revision['what'];
  dryRun: boolean;
  /** Whether it is served now. */
  applied: boolean;
  /** Whether it waits to be promoted, and why. */
  held?: string;
  /** Whether the registry had exactly this already. */
  unchanged: boolean;
  version?: number;
  bundle?: string;
  revision?: number;
  /** The generation that serves it on the replica that was asked. */
  generation?: string;
  report?: ImportReport;
  impact?: Impact;
  /** Joins that nobody wrote yet; those that were accepted are among `acceptedJoins`. */
  proposedJoins: readonly Proposal[];
  /** `Type.field` of joins that were written. */
  acceptedJoins: readonly string[];
};

/** One source in a list. */
export type SourceSummary = {
  name: string;
  kind: string;
  /** `degraded` and `failed` as this replica sees it. */
  state: 'active' | 'degraded' | 'failed' | 'deprecated' | 'quarantined' | 'withdrawn';
  message?: string;
  owner?: string;
  /** Whether the working tree or the registry serves it. */
  from: 'tree' | 'registry';
  version?: number;
  bundle?: string;
  held?: RegistryEntry['held'];
};

export type SourceDetail = SourceSummary & {
  versions: RegistryEntry['versions'];
  /** The last changes, newest first. */
  changes: readonly AuditRecord[];
  report?: ImportReport;
  /** Files of the folder as text, by path; those that are no text are left out, and all of them for who may not change the source. */
  files: Readonly<Record<string, string>>;
};
