import { z } from 'zod';

/** How operations are executed. */
export const execution = z
  .strictObject({
    engine: z
      .enum(['compiled', 'reference'])
      .default('compiled')
      .describe(
        'compiled makes a program of each operation and writes answers by it; reference asks field by field, as the compiled engine does for what it cannot do.',
      ),
    shareOperations: z
      .boolean()
      .default(true)
      .describe('Whether equal queries that are under way at the same time run once.'),
    shortEntry: z
      .boolean()
      .default(true)
      .describe(
        'Whether plain requests (one operation, as JSON or in the URL) skip the general HTTP layer; answers are the same.',
      ),
    programs: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(500)
      .describe('Most compiled operations that are kept; those not used for longest go first.'),
    compileAfter: z
      .int()
      .min(0)
      .max(1000)
      .default(1)
      .describe(
        'How often an operation is run by the reference engine before a program is made of it. Operations with a list at their root, which pay for their program at once, are compiled the first time.',
      ),
  })
  .prefault({});
