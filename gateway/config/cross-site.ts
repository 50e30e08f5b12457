/** `csrf` and `cors` of `gateway.yaml`: what pages of other sites may make a browser send, and what they may read. */
import { z } from 'zod';
import { headerNames } from './headers.ts';

export const origin = z
  .string()
  .regex(/^https?:\/\/[^\s/@?#]{1,255}$/, 'must be an origin, written https://host or http://host:port');

export const csrf = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'Whether a request that any page could have a browser send (GET, forms of parts) has to carry one of `csrf.headers`, or a content-type that no form has.',
    ),
  headers: headerNames
    .min(1)
    .default(['x-tributary-preflight', 'x-tributary-csrf', 'apollo-require-preflight', 'x-apollo-operation-name'])
    .describe(
      'Headers that show that a request comes from no page of another site: browsers ask before they send them.',
    ),
});

export const cors = z
  .strictObject({
    origins: z
      .array(z.union([origin, z.literal('*')]))
      .max(1000)
      .default([])
      .describe('Origins whose pages may read answers; `*` is any. None without this key.'),
    credentials: z
      .boolean()
      .default(false)
      .describe('Whether those pages may send cookies and client certificates along; not together with `*`.'),
    maxAgeMs: z
      .int()
      .min(0)
      .max(86_400_000)
      .default(600_000)
      .describe('How long a browser may remember what it was allowed, in ms.'),
  })
  .refine(({ origins, credentials }) => !(credentials && origins.includes('*')), {
    path: ['credentials'],
    error: 'must not be true for any origin: name the origins',
  });

export type CsrfConfig = z.output<typeof csrf>;
export type CorsConfig = z.output<typeof cors>;
