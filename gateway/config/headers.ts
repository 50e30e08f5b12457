/** Keys about headers of calls: the same for all sources (`gateway.yaml`), for one source, and for one operation. */
import { z } from 'zod';
import { isConnectionHeader, isHeaderName, isHeaderValue } from '../lib/header-fields.ts';
import { Secret } from './secret.ts';

/** The gateway reads and writes messages itself: a client cannot say these, under whatever name it sends them. */
const OWN = new Set([
  'accept',
  'accept-encoding',
  'content-type',
  'user-agent',
  'x-request-id',
  'x-request-timeout-ms',
]);

/** Whether the gateway alone says what the header holds, unless `set` does. */
export function isOwnHeader(name: string): boolean {
  return OWN.has(name);
}

/** A header name in lower case, as both HTTP/2 and our own lookups want it (RFC 9110 §5.1). */
export const headerName = z
  .string()
  .refine((name) => isHeaderName(name.toLowerCase()), { error: 'must be a header name', abort: true })
  .transform((name) => name.toLowerCase())
  .refine((name) => !isConnectionHeader(name), { error: 'belongs to the connection and cannot be used here' });

export const headerNames = z.array(headerName).max(100);

const value = z
  .string()
  .max(16_384)
  .refine(isHeaderValue, { error: 'must not hold line breaks or control characters' })
  .transform((text) => new Secret(text));

const newName = headerName.refine((name) => !isOwnHeader(name), { error: 'is a header that the gateway itself sends' });
const removable = headerName.refine((name) => name !== 'content-type', {
  error: 'says how the body is written and cannot be removed',
});
const few = (record: object): boolean => Object.keys(record).length <= 100;

/** @param to whose calls it is about, for the descriptions: "to every source" */
export function headerRules(to: string) {
  return z.strictObject({
    forward: headerNames.default([]).describe(`Request headers sent on ${to}.`),
    set: z
      .record(headerName, value)
      .refine(few, { error: 'must have at most 100 keys' })
      .default({})
      .describe(`Headers set on every call ${to}; their values are treated as secrets. Write them with \${ENV}.`),
    remove: z
      .array(removable)
      .max(100)
      .optional()
      .describe(`Headers that are not sent ${to}, whoever else says so: a wider rule, the contract, the gateway.`),
    rename: z
      .record(headerName, newName)
      .refine(few, { error: 'must have at most 100 keys' })
      .refine((names) => new Set(Object.values(names)).size === Object.keys(names).length, {
        error: 'must give each header a name of its own',
      })
      .optional()
      .describe(`Request headers sent on ${to} under another name: the client’s name, then the source’s.`),
  });
}

/** Rules of one level: the same for all, of a source, or of an operation. */
export type HeaderRules = z.output<ReturnType<typeof headerRules>>;
