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
};

/** How a REST operation is called. */
export type HttpOperation = {
  field: string;
  kind: 'query' | 'mutation';
  method: string;
  path: string;
  params: WireParameter[];
  /** The argument that carries the body, and the media type it is sent as. */
  body?: { arg: string; mediaType: string };
  /** The media type asked for; absent where the operation answers without a body. */
  accept?: string;
  bodyRequired: boolean;
  description: string | undefined;
  deprecated: boolean;
};

/** Something of the contract that is not served, and why. */
export type LeftOut = { operation: string; pointer: string; reason: string };

/** What an import did: shown by `source add`, kept beside the build. */
export type ImportReport = {
  source: string;
  kind: string;
  operations: { total: number; imported: number };
  types: number;
  leftOut: LeftOut[];
  /** Names that had to give way: what the contract says, what is served, why. */
  renamed: { from: string; to: string; reason: string }[];
};
