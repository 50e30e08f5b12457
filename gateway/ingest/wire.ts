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
  path: string;
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
};
