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
  return z
    .strictObject({
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
    })
    .superRefine((rules, context) => {
      for (const [path, message] of contradictions(rules)) context.addIssue({ code: 'custom', path, message });
    });
}

type Written = {
  forward: readonly string[];
  set: object;
  remove?: readonly string[] | undefined;
  rename?: Readonly<Record<string, string>> | undefined;
};

/** What one level must not say about a header; another level may. */
function* contradictions({
  forward,
  set,
  remove = [],
  rename = {},
}: Written): Generator<[(string | number)[], string]> {
  const isSet = (name: string): boolean => Object.hasOwn(set, name);
  for (const [index, name] of remove.entries()) {
    if (forward.includes(name)) yield [['remove', index], 'is in forward, too: leave it in one of the two'];
    if (isSet(name)) yield [['remove', index], 'is in set, too: leave it in one of the two'];
  }
  for (const [from, to] of Object.entries(rename)) {
    if (forward.includes(from)) yield [['rename', from], 'is in forward, too: it is sent under one name'];
    if (forward.includes(to)) yield [['rename', from], 'is the name of a header in forward: take another'];
    if (isSet(to)) yield [['rename', from], 'is the name of a header in set: take another'];
    if (remove.includes(to)) yield [['rename', from], 'is the name of a header in remove: take another'];
  }
}

/** Rules of one level: the same for all, of a source, or of an operation. */
export type HeaderRules = z.output<ReturnType<typeof headerRules>>;

const passable = headerName
  .refine((name) => !/^content-|^x-tributary-|^x-request-id$/.test(name), { error: 'is written by the gateway itself' })
  .refine((name) => name !== 'cache-control', { error: 'cannot be passed on as it is: use minMaxAge' });
const passables = z.array(passable).max(100);

/** Headers of answers that clients see: those of a source, or of one operation. */
export const responseHeaders = z
  .strictObject({
    append: passables
      .optional()
      .describe(
        'Headers whose values are passed on from all calls, in the order of the calls, joined by commas; Set-Cookie stays one header each.',
      ),
    first: passables.optional().describe('Headers that are passed on from the first call that has them.'),
    remove: passables.optional().describe('Headers that are not passed on, although a wider rule says so.'),
    minMaxAge: z
      .boolean()
      .optional()
      .describe(
        'Whether the answer gets a Cache-Control: the least max-age of its calls, private where one is, no-store where one may not be stored or does not say.',
      ),
  })
  .superRefine(({ append = [], first = [], remove = [] }, context) => {
    for (const [key, names] of Object.entries({ first, remove })) {
      for (const [index, name] of names.entries()) {
        const twice = append.includes(name) || (key === 'remove' && first.includes(name));
        if (twice) context.addIssue({ code: 'custom', path: [key, index], message: 'stands in another list, too' });
      }
    }
    const cookie = first.indexOf('set-cookie');
    if (cookie >= 0) context.addIssue({ code: 'custom', path: ['first', cookie], message: 'belongs in append' });
  });

export type ResponseHeaderRules = z.output<typeof responseHeaders>;
