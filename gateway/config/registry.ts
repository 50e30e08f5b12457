/** `registry` of gateway.yaml: where registered sources and the history of their changes are kept. */
import { z } from 'zod';
import { redisSchema } from './redis.ts';

export const registry = z
  .strictObject({
    kind: z
      .enum(['file', 'redis'])
      .default('file')
      .describe('Where it is kept: in a folder, or in Redis for replicas on several machines.'),
    dir: z
      .string()
      .min(1)
      .max(4096)
      .default('.tributary/registry')
      .describe('The folder, from the project folder. Several processes of one machine may share it.'),
    redis: redisSchema({ prefix: 'tributary:registry:', timeoutMs: 3000 })
      .optional()
      .describe(
        'How Redis is reached, where kind is redis. It has to keep what it is given: maxmemory-policy noeviction.',
      ),
    pollMs: z
      .int()
      .min(50)
      .max(1500)
      .default(1000)
      .describe('Time between two looks for changes of other replicas, in ms; most are heard of before.'),
    keepRevisions: z
      .int()
      .min(10)
      .max(100_000)
      .default(1000)
      .describe('Changes that are kept as history, each with the whole state after it; older ones go.'),
    keepVersions: z.int().min(1).max(1000).default(20).describe('Versions of each source that are kept to go back to.'),
    bundleBytes: z
      .int()
      .min(1024)
      .max(536_870_912)
      .default(33_554_432)
      .describe('Largest bundle of a source, and largest unified schema, that is taken, in bytes.'),
  })
  .refine((value) => value.kind === 'file' || value.redis !== undefined, {
    path: ['redis'],
    error: 'is needed where kind is redis: say how Redis is reached',
  });

export type RegistryConfig = z.output<typeof registry>;
