import { z } from 'zod';

/** How operations are executed. */
export const execution = z
  .strictObject({
    engine: z
      .enum(['compiled', 'reference'])
      .default('reference')
      .describe(
        'compiled makes a program of each operation and writes answers by it; reference asks field by field, as the compiled engine does for what it cannot do.',
      ),
    programs: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1000)
      .describe('Most compiled operations that are kept; those not used for longest go first.'),
  })
  .prefault({});
