/** Files of Google's that contracts import and seldom bring along, as protobufjs takes them: import path → descriptor JSON. */
import { createRequire } from 'node:module';
import protobuf from 'protobufjs';

type Bundled = { json: protobuf.INamespace; imports: readonly string[] };

const WELL_KNOWN = /(?:^|\/)(google\/protobuf\/(?:any|duration|empty|field_mask|struct|timestamp|wrappers)\.proto)$/;
const ANY = 'google/protobuf/any.proto';
const text = (id: number): protobuf.IField => ({ type: 'string', id });
const list = (type: string, id: number): protobuf.IField => ({ rule: 'repeated', type, id });
const inGoogle = (name: string, nested: Record<string, protobuf.AnyNestedObject>): protobuf.INamespace => ({
  nested: { google: { nested: { [name]: { nested } } } },
});

/** google/rpc/error_details.proto, field for field. */
const ERROR_DETAILS = {
  ErrorInfo: { fields: { reason: text(1), domain: text(2), metadata: { keyType: 'string', type: 'string', id: 3 } } },
  RetryInfo: { fields: { retry_delay: { type: 'google.protobuf.Duration', id: 1 } } },
  DebugInfo: { fields: { stack_entries: list('string', 1), detail: text(2) } },
  QuotaFailure: {
    fields: { violations: list('Violation', 1) },
    nested: { Violation: { fields: { subject: text(1), description: text(2) } } },
  },
  PreconditionFailure: {
    fields: { violations: list('Violation', 1) },
    nested: { Violation: { fields: { type: text(1), subject: text(2), description: text(3) } } },
  },
  BadRequest: {
    fields: { field_violations: list('FieldViolation', 1) },
    nested: { FieldViolation: { fields: { field: text(1), description: text(2), reason: text(3) } } },
  },
  RequestInfo: { fields: { request_id: text(1), serving_data: text(2) } },
  ResourceInfo: { fields: { resource_type: text(1), resource_name: text(2), owner: text(3), description: text(4) } },
  Help: { fields: { links: list('Link', 1) }, nested: { Link: { fields: { description: text(1), url: text(2) } } } },
  LocalizedMessage: { fields: { locale: text(1), message: text(2) } },
};

/** google/rpc/code.proto: the codes of gRPC in the order of their numbers. */
const CODES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED'],
  ...['INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
];

const STATUS = {
  Status: { fields: { code: { type: 'int32', id: 1 }, message: text(2), details: list('google.protobuf.Any', 3) } },
};
const HTTP_BODY = {
  HttpBody: {
    fields: { content_type: text(1), data: { type: 'bytes', id: 2 }, extensions: list('google.protobuf.Any', 3) },
  },
};

const require = createRequire(import.meta.url);
const shipped = (file: string) => (): protobuf.INamespace =>
  require(`protobufjs/google/${file}.json`) as protobuf.INamespace;

const files: ReadonlyMap<string, { json: () => protobuf.INamespace; imports: readonly string[] }> = new Map([
  ['google/protobuf/descriptor.proto', { json: shipped('protobuf/descriptor'), imports: [] }],
  ['google/protobuf/source_context.proto', { json: shipped('protobuf/source_context'), imports: [] }],
  [
    'google/protobuf/type.proto',
    { json: shipped('protobuf/type'), imports: [ANY, 'google/protobuf/source_context.proto'] },
  ],
  ['google/protobuf/api.proto', { json: shipped('protobuf/api'), imports: ['google/protobuf/type.proto'] }],
  ['google/api/http.proto', { json: shipped('api/http'), imports: [] }],
  // Nothing but an option, which is read without it.
  ['google/api/annotations.proto', { json: () => ({}), imports: ['google/api/http.proto'] }],
  ['google/api/httpbody.proto', { json: () => inGoogle('api', HTTP_BODY), imports: [ANY] }],
  ['google/rpc/status.proto', { json: () => inGoogle('rpc', STATUS), imports: [ANY] }],
  [
    'google/rpc/code.proto',
    {
      json: () => inGoogle('rpc', { Code: { values: Object.fromEntries(CODES.map((name, code) => [name, code])) } }),
      imports: [],
    },
  ],
  [
    'google/rpc/error_details.proto',
    { json: () => inGoogle('rpc', ERROR_DETAILS), imports: ['google/protobuf/duration.proto'] },
  ],
]);

/** The path under which a file is one of the well-known types; those are never read from a contract, so that they mean one thing. */
export function wellKnownPath(path: string): string | undefined {
  return WELL_KNOWN.exec(path)?.[1];
}

/** A file that is at hand when a contract does not bring it. */
export function bundled(path: string): Bundled | undefined {
  const known = wellKnownPath(path);
  if (known !== undefined) return { json: protobuf.common.get(known) as protobuf.INamespace, imports: [] };
  const file = files.get(path);
  return file && { json: file.json(), imports: file.imports };
}
