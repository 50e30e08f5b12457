/** `persistedOperations` of `gateway.yaml`: operations that clients name by hash in place of sending their text. */
import { z } from 'zod';
import { redisSchema } from './redis.ts';

export const persistedOperations = z
  .strictObject({
    apq: z
      .enum(['off', 'allow'])
      .default('off')
      .describe(
        'Whether clients may register an operation by sending it once with its hash (automatic persisted queries, Apollo’s protocol).',
      ),
    manifest: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe(
        'File of trusted operations, from the project folder: Apollo’s persisted query manifest, or a JSON map of SHA-256 hash to text.',
      ),
    mode: z
      .enum(['off', 'allow', 'require'])
      .default('off')
      .describe('Whether operations of the manifest may be named by hash, and whether nothing else runs (`require`).'),
    maxBytes: z
      .int()
      .min(1)
      .max(1_073_741_824)
      .default(16_777_216)
      .describe('Most memory that registered operations take, in bytes; those not used for longest go first.'),
    ttlMs: z
      .int()
      .min(1000)
      .max(2_592_000_000)
      .default(86_400_000)
      .describe('How long a registered operation is known after it was registered, in ms.'),
    redis: redisSchema({ prefix: 'tributary:persisted:', timeoutMs: 100 })
      .optional()
      .describe('Keeps registered operations in Redis, for all replicas.'),
  })
  .refine(({ mode, manifest }) => mode === 'off' || manifest !== undefined, {
    path: ['manifest'],
    error: 'is required for this mode: the file of trusted operations',
  })
  .refine(({ mode, apq }) => mode !== 'require' || apq === 'off', {
    path: ['apq'],
    error: 'must be off where only operations of the manifest run',
  });

export type PersistedOperationsConfig = z.output<typeof persistedOperations>;
