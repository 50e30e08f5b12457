/** What the ingest of one contract brings out, besides its schema. */

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
  from: { method: string; path: string };
  to: { method: string; path: string };
  /** By name, or by place and name (`path.id`). */
  parameters: [string, LinkValue][];
  body?: LinkValue;
  description?: string;
};

/** Something of the contract that is not served, and why. */
export type LeftOut = { operation: string; pointer: string; reason: string };

/** A place of the contract (JSON pointer, or the full name of a message's field) that is served as the scalar JSON, and why. */
export type Fallback = { pointer: string; reason: string };

/** Something of the contract that does not make it into the schema although its operation does (a webhook, a second answer). */
export type Note = { pointer: string; text: string };

/** What an import did: shown by `source add`, kept beside the build. */
export type ImportReport = {
  source: string;
  kind: string;
  operations: { total: number; imported: number };
  types: number;
  leftOut: LeftOut[];
  fallbacks: Fallback[];
  notes: Note[];
  /** Names that had to give way: what the contract says, what is served, why. */
  renamed: { from: string; to: string; reason: string }[];
  /** What each mutation makes old of answers that are kept: a coordinate, and what in words. Known once sources are united. */
  invalidations?: { at: string; text: string }[];
};
