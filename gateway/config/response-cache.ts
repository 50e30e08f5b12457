/** Section `responseCache` of gateway.yaml: where whole answers are kept, and within which bounds. */
import { z } from 'zod';
import { redisSchema } from './redis.ts';

const bytes = z.int().min(1).max(1_073_741_824);
const milliseconds = z.int().min(1).max(3_600_000);

export const responseCache = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether answers are kept at all; without cacheControl in a policy none is.'),
  maxBytes: bytes
    .default(67_108_864)
    .describe('Most memory that kept answers take in this process, in bytes; those not used for longest go first.'),
  maxEntryBytes: bytes.default(1_048_576).describe('Largest answer that is kept, in bytes.'),
  maxKeptMs: z
    .int()
    .min(1000)
    .max(172_800_000)
    .default(3_600_000)
    .describe(
      'Longest time any answer is kept, stale time included, in ms; what was dropped is remembered as long, on Redis.',
    ),
  maxTags: z
    .int()
    .min(10)
    .max(10_000)
    .default(1000)
    .describe('Most types and values that one answer is known by; one that has more is dropped whenever anything is.'),
  maxRefreshes: z
    .int()
    .min(0)
    .max(100_000)
    .default(100)
    .describe('Most answers that are fetched anew behind the backs of clients at a time.'),
  fillWaitMs: milliseconds
    .default(5000)
    .describe('Longest wait for another process that is fetching the same answer, in ms.'),
  lockMs: milliseconds
    .default(1000)
    .describe('How long a process that fetches an answer and then dies holds up the others, in ms.'),
  trustMs: z
    .int()
    .min(50)
    .max(60_000)
    .default(800)
    .describe(
      'How long answers in memory are given without having heard from Redis, in ms: no replica gives what was dropped for longer.',
    ),
  redis: redisSchema({ prefix: 'tributary:answers:', timeoutMs: 50 })
    .optional()
    .describe('Keeps answers for all replicas in Redis, beside memory.'),
});

export type ResponseCacheConfig = z.output<typeof responseCache>;
