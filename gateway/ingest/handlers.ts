import type { DocumentNode } from 'graphql';
import type { Fallback, ImportReport, KindGuess, LeftOut, Link, Note } from './wire.ts';

/** What Mesh hands to the constructor of a handler. */
export type HandlerParams = {
  name: string;
  config: Record<string, unknown>;
  baseDir: string;
  logger: unknown;
  store: unknown;
  cache: unknown;
  pubsub: unknown;
  importFn: unknown;
};

/** One contract, read: types and root fields with their wire mapping, still under the names Mesh gave. */
export type SourceProduct = {
  kind: 'rest' | 'grpc' | 'graphql';
  document: DocumentNode;
  /** Addresses the contract itself names, best first. */
  contractServers: string[];
  /** How many operations the contract has, and which wire name became which root field. */
  operations: { total: number; wireNames: Record<string, string> };
  leftOut: LeftOut[];
  fallbacks: Fallback[];
  notes: Note[];
  /** Root fields whose kind was taken from the contract. */
  guesses: KindGuess[];
  /** Root fields whose contract does not say what they answer. */
  untold?: string[];
  /** Root fields that had to give way to another of the same contract. */
  renamed: ImportReport['renamed'];
  /** What leads from one answer to another operation. */
  links?: Link[];
  /** Descriptors a gRPC connector needs. */
  roots?: { name: string; rootJson: string }[];
  /** What a REST connector has to know of the contract: security schemes, variables of the server. */
  options?: Readonly<Record<string, unknown>>;
};
