/** Keys of a policy about the rules that stand around every call of a source. */
import { z } from 'zod';

const ms = z.int().min(1).max(600_000);
const count = z.int().min(1).max(100_000);
const percent = z.int().min(1).max(100);
const ageMs = z.int().min(0).max(86_400_000).default(0);

export const cacheAges = z
  .strictObject({
    maxAgeMs: ageMs.describe('How long an answer is given without asking again, in ms.'),
    staleWhileRevalidateMs: ageMs.describe('How long after that it is still given while a new one is fetched, in ms.'),
    staleIfErrorMs: ageMs.describe('How long after that it is still given when the source fails, in ms.'),
  })
  .refine((ages) => ages.maxAgeMs + ages.staleWhileRevalidateMs + ages.staleIfErrorMs > 0, {
    error: 'needs an age above 0',
  });

export const sourceCache = z.strictObject({
  respectHeaders: z
    .boolean()
    .default(true)
    .describe('Whether answers to GET are kept as long as their Cache-Control and Expires allow a shared cache.'),
});

export const retry = z.strictObject({
  attempts: z
    .int()
    .min(1)
    .max(10)
    .default(2)
    .describe('Most times one call is sent, the first time included (2 without this key).'),
  attemptMs: ms
    .optional()
    .describe(
      'Longest time of one attempt, in ms; without this key it shares what is left of the call’s time with the attempts that may follow.',
    ),
  budgetPercent: percent
    .default(10)
    .describe('Share of the calls that may be sent again, in percent (10 without this key).'),
  budgetBurst: count
    .default(10)
    .describe('Most repetitions saved up for when many calls fail at once (10 without this key).'),
  baseMs: ms
    .default(50)
    .describe(
      'Longest wait before the first repetition, in ms; it doubles each time, and the wait is a random part (50 without this key).',
    ),
  maxMs: ms.default(2000).describe('Upper bound of that wait, in ms (2000 without this key).'),
});

export const hedge = z.strictObject({
  percentile: z
    .int()
    .min(50)
    .max(99)
    .default(95)
    .describe(
      'Share of the recent calls that were answered by the time the second one is sent, in percent (95 without this key).',
    ),
  minimumMs: ms.default(10).describe('No second call before this time, in ms (10 without this key).'),
  minimumCalls: z
    .int()
    .min(1)
    .max(128)
    .default(20)
    .describe('Calls to have seen of an operation before it is hedged (20 without this key).'),
});

export const breaker = z.strictObject({
  failurePercent: percent
    .default(50)
    .describe('Share of failed calls that opens the breaker, in percent (50 without this key).'),
  minimumCalls: count
    .default(20)
    .describe('Calls within the window before anything is concluded (20 without this key).'),
  windowMs: ms.default(10_000).describe('Time that is looked at, in ms (10000 without this key).'),
  openMs: ms.default(5000).describe('How long the operation is left alone, in ms (5000 without this key).'),
  probes: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe('Calls that must go well after that before all are let through (3 without this key).'),
  slowMs: ms
    .optional()
    .describe('A call that takes longer counts as failed, in ms; without this key time is no fault.'),
});

const concurrencyKeys = z.strictObject({
  maxCalls: count.default(100).describe('Calls under way at a time (100 without this key).'),
  maxQueue: z.int().min(0).max(100_000).default(100).describe('Calls that wait for their turn (100 without this key).'),
  maxQueueMs: ms.default(1000).describe('Longest wait for a turn, in ms (1000 without this key).'),
});
/** A number stands for `maxCalls`. */
export const concurrency = concurrencyKeys.or(count.transform((maxCalls) => concurrencyKeys.parse({ maxCalls })));

export const connections = z.strictObject({
  max: count
    .default(256)
    .describe(
      'Most connections to each address of a REST or GraphQL source; calls beyond them wait for one until their time is up (256 without this key). gRPC has one connection to each server for all calls, and each subscription of a GraphQL source one of its own.',
    ),
  pipelining: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe(
      'How many reads of a REST source may be on their way over one connection, each without waiting for the answer to the one before (RFC 9112 §9.3.2); 1 without this key, which is none. A slow answer holds up those behind it.',
    ),
  keepaliveMs: ms
    .default(330_000)
    .describe(
      'How long a connection of a gRPC source that has calls may say nothing before it is asked whether it is alive, in ms (330000 without this key). Many servers end connections that ask more often than every five minutes: allow it there before you lower it.',
    ),
});

export const endpointOutlier = z.strictObject({
  consecutiveFailures: count.default(5).describe('Failures in a row after which an address is left out.'),
  ejectionMs: ms.default(30_000).describe('How long, in ms; as much again each time it happens anew.'),
  maxEjectionMs: ms.default(300_000).describe('Upper bound of that time, in ms.'),
});

export const endpointHealth = z.strictObject({
  path: z
    .string()
    .max(2048)
    .regex(/^\/[!-~]*$/, 'must be a path that begins with /')
    .default('/')
    .describe(
      'What is asked by GET below a REST or GraphQL address; gRPC is asked by grpc.health.v1.Health/Check (/ without this key).',
    ),
  intervalMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe('Time between two questions, in ms (10000 without this key).'),
  timeoutMs: ms.default(1000).describe('Longest time of one, in ms (1000 without this key).'),
  failures: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe('Failures in a row after which the address is left out (2 without this key).'),
});

export type CacheAges = z.output<typeof cacheAges>;
export type RetryPolicy = z.output<typeof retry>;
export type HedgePolicy = z.output<typeof hedge>;
export type BreakerPolicy = z.output<typeof breaker>;
export type ConcurrencyPolicy = z.output<typeof concurrency>;
export type OutlierPolicy = z.output<typeof endpointOutlier>;
export type HealthPolicy = z.output<typeof endpointHealth>;
