/** `state` and `contract` of policy.yaml: how a source stands, and where its contract comes from. */
import { z } from 'zod';

export const sourceState = z.strictObject({
  is: z
    .enum(['active', 'deprecated', 'quarantined'])
    .describe(
      '`deprecated`: its fields say so. `quarantined`: it is not called, its fields answer SOURCE_UNAVAILABLE.',
    ),
  reason: z.string().min(1).max(500).optional().describe('Why, for people.'),
});

/** What a team says of where its contract is published. */
export type WatchedContract = z.output<typeof watchedContract>;

export const watchedContract = z
  .strictObject({
    url: z
      .string()
      .max(2048)
      .regex(/^https?:\/\/[^\s/@]+\S*$/, 'must be an http(s) URL without a user name')
      .optional()
      .describe('Where the contract is published: asked with If-None-Match, so that what stays costs nothing.'),
    reflection: z
      .string()
      .max(2048)
      .optional()
      .describe('In place of it a gRPC server, host:port, that describes itself.'),
    everyMs: z
      .int()
      .min(1000)
      .max(604_800_000)
      .default(300_000)
      .describe('Time between two looks, in ms, give or take a tenth.'),
    apply: z
      .enum(['safe', 'all', 'manual'])
      .default('safe')
      .describe(
        'What is taken up by itself: changes that break nothing, all of them, or none. The rest waits for `source promote`.',
      ),
  })
  .refine((value) => (value.url === undefined) !== (value.reflection === undefined), {
    error: 'needs either url or reflection',
  });
