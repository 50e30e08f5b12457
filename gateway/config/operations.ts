/** Keys about the operations that clients run, as they are recorded. */
import { z } from 'zod';
import { Secret } from './secret.ts';

export const operations = z.strictObject({
  record: z
    .boolean()
    .default(true)
    .describe(
      'Whether operations that are run are recorded, so that a change of a source tells which of them it would break.',
    ),
  max: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Most operations that are kept; those not seen for longest go first.'),
  keepDays: z
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .describe('How long an operation is kept after it was last seen, in days.'),
  redis: z
    .strictObject({
      url: z
        .string()
        .regex(/^rediss?:\/\/\S{1,2000}$/, 'must be a redis:// or rediss:// URL')
        .transform((text) => new Secret(text))
        .describe('Where the operations of all replicas are kept together, beyond their restarts.'),
      prefix: z.string().min(1).max(100).default('tributary:operations:').describe('Stands before every key.'),
    })
    .optional()
    .describe('Keeps recorded operations in Redis; while it is away each replica knows its own.'),
});
