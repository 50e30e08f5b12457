import type { ImportReport } from '../../gateway/ingest/wire.ts';
import type { ContractKind } from './files.ts';

/** Contracts to be read and united into one schema, by a process of their own. */
export type ReportJob = {
  readonly sources: readonly {
    readonly name: string;
    readonly kind: ContractKind;
    readonly file: string;
    readonly includeDirs: readonly string[];
  }[];
};

export type SourceOutcome = {
  readonly name: string;
  /** Why the contract was refused as a whole. */
  readonly refused?: string;
  readonly report?: ImportReport;
  /** Wire name → root field of the unified schema, for those whose field stands there. */
  readonly served: Readonly<Record<string, string>>;
  /** Root fields of the source's own text. */
  readonly rootFields: number;
  /** Why a connector for it could not be opened. */
  readonly unusable?: string;
  /** Types of the source that the unified schema does not have as the contract has them. */
  readonly clobbered: readonly string[];
};

export type JobAnswer = {
  readonly sources: readonly SourceOutcome[];
  /** What `validateSchema` says of the unified schema, and why there is none. */
  readonly schemaFaults: readonly string[];
  /** Names of types that more than one of the sources has. */
  readonly shared: number;
  readonly types: number;
  readonly ms: number;
  readonly peakMb: number;
};
