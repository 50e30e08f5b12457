/** Where a Redis is, for every store that can be kept there: one server, a group watched by Sentinel, or a Cluster. */
import { z } from 'zod';
import { Secret } from './secret.ts';

const url = z
  .string()
  .regex(/^rediss?:\/\/\S{1,2000}$/, 'must be a redis:// or rediss:// URL')
  .transform((text) => new Secret(text));

/** @param prefix what stands before every key unless said otherwise */
export function redisPlace(prefix: string) {
  return z
    .strictObject({
      mode: z
        .enum(['single', 'sentinel', 'cluster'])
        .default('single')
        .describe('What stands at the URLs: the one server, Sentinels, or nodes of a Cluster.'),
      urls: z
        .array(url)
        .min(1)
        .max(100)
        .describe('Addresses, with password where one is wanted; of a single server one.'),
      sentinelName: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('Under which name the Sentinels know the servers; they have the password of the first URL.'),
      prefix: z.string().min(1).max(100).default(prefix).describe('Stands before every key.'),
    })
    .refine(({ mode, urls }) => mode !== 'single' || urls.length === 1, {
      path: ['urls'],
      error: 'must be one address: say `mode: cluster` or `mode: sentinel` for several',
    })
    .refine(({ mode, sentinelName }) => (mode === 'sentinel') === (sentinelName !== undefined), {
      path: ['sentinelName'],
      error: 'belongs to `mode: sentinel`, which needs it',
    });
}

export type RedisPlace = z.output<ReturnType<typeof redisPlace>>;
