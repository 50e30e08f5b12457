/** What the ingest of one contract brings out, besides its schema. */
import type { Bounded, Finding } from '../lib/findings.ts';

/** Where one argument of a REST operation goes in the request (OpenAPI 3.1 §4.8.12 Parameter Object). */
export type WireParameter = {
  /** The GraphQL argument. */
  arg: string;
  /** The name on the wire. */
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  style: string;
  explode: boolean;
  /** Media type the value is written in, where the parameter has `content` in place of a style. */
  content?: string;
  /** Whether reserved characters stay as they are (RFC 3986 §2.2). */
  allowReserved?: boolean;
  /** What separates the items of lists inside of a list, level by level; without it those are written as JSON. */
  inner?: readonly string[];
};

/** How a REST operation is called. */
export type HttpOperation = {
  field: string;
  kind: 'query' | 'mutation';
  method: string;
  /** As the contract has it. */
  path: string;
  /** What stands before the path, where the operation has a server of its own; else empty. */
  prefix: string;
  /** What it asks for in place of what all operations do: alternatives, each a list of schemes. */
  security?: { scheme: string; scopes?: string[] }[][];
  params: WireParameter[];
  /** The argument that carries the body, and the media type it is sent as. */
  body?: {
    arg: string;
    mediaType: string /** Media types of a form's parts, by property. */;
    encoding?: [string, Readonly<Record<string, unknown>>][];
  };
  /** The media type asked for; absent where the operation answers without a body. */
  accept?: string;
  /** What failed answers are declared to be: statuses, and the properties of their JSON as JSON text; see `errorAnswers`. */
  errors?: [string, string][];
  bodyRequired: boolean;
  description: string | undefined;
  deprecated: boolean;
};

/** Where a value of a link comes from: a property of the answer (names on the wire), the contract itself, or several of both. */
export type LinkValue =
  | { path: string[] }
  | { constant: string | number | boolean }
  | { object: [string, LinkValue][] };

/** A link from the answer of one operation to another operation, both by method and path on the wire. */
export type Link = {
  name: string;
  pointer: string;
  /** `status` is that of the answer it belongs to, where it is not the one that the operation is served by. */
  from: { method: string; path: string; status?: string };
  to: { method: string; path: string };
  /** By name, or by place and name (`path.id`). */
  parameters: [string, LinkValue][];
  body?: LinkValue;
  description?: string;
};

/** Something of the contract that is not served, and why. */
export type LeftOut = { operation: string; pointer: string; reason: string };

/** The reason of what a team left out itself. */
export const EXCLUDED = 'excluded by policy.yaml';

/** A place of the contract (JSON pointer, or the full name of a message's field) that is served as the scalar JSON, and why. */
export type Fallback = { pointer: string; reason: string };

/** Something of the contract that does not make it into the schema although its operation does (a webhook, a second answer). */
export type Note = { pointer: string; text: string };

/** A root field whose kind nobody said, and what it was taken from; weak where something speaks for the other kind. */
export type KindGuess = { field: string; kind: 'query' | 'mutation'; why: string; weak: boolean };

export type Share = { all: number; typed: number };

/** How much of what came in has a type of its own, in place of the scalar JSON. */
export type Typing = {
  /** Answers of root fields. */
  answers: Share;
  /** Arguments of root fields. */
  arguments: Share;
  /** Fields of all other types and inputs. */
  fields: Share;
};

/** What became of the names that the source had before (`schemas/names.lock.json`). */
export type NameChanges = { appeared: Bounded<Finding>; vanished: Bounded<Finding>; renamed: Bounded<Finding> };

/** What clients and joins will meet. */
export type Risks = {
  /** Root fields that answer a list without an argument that bounds it. */
  unboundedLists: Bounded<Finding>;
  /** Types of rows that have no key of their own: nothing can be joined to them, and no cache knows them again. */
  missingIds: Bounded<Finding>;
  /** Lookups by one key that no bulk operation stands beside, though others hold such keys: a join costs a call per key. */
  callsPerKey: Bounded<Finding>;
};

/** What an import did: shown by `source add`, kept beside the build (docs/import-report.md). */
export type ImportReport = {
  source: string;
  kind: string;
  /** From 0 to 100: how much of the contract reached the schema. */
  score: number;
  operations: { total: number; imported: number };
  types: number;
  typed: Typing;
  leftOut: LeftOut[];
  fallbacks: Fallback[];
  /** Queries and mutations that the policy does not name, weak guesses first: `operations.<field>.kind` turns one round. */
  guessed: Bounded<KindGuess>;
  notes: Note[];
  /** Names that had to give way: what the contract says, what is served, why. */
  renamed: { from: string; to: string; reason: string }[];
  /** Types that are one with an equal type of another source. Known once sources are united, as all that follows. */
  shared?: Bounded<Finding>;
  risks?: Risks;
  /** Absent for a source that had no names yet. */
  nameChanges?: NameChanges;
  /** What each mutation makes old of answers that are kept: a coordinate, and what in words. Known once sources are united. */
  invalidations?: { at: string; text: string }[];
};
