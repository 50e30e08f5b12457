/** Keys about the operations that clients run, as they are recorded. */
import { z } from 'zod';
import { redisSchema } from './redis.ts';

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
  redis: redisSchema({ prefix: 'tributary:operations:', timeoutMs: 1000 })
    .optional()
    .describe(
      'Keeps recorded operations of all replicas together in Redis, beyond their restarts; while it is away each replica knows its own.',
    ),
});
