/** `rateLimits`, `concurrencyLimits` and `limitStore` of `gateway.yaml`, and `rateLimit` of coordinates: how much, and how often. */
import { z } from 'zod';
import { headerName } from './headers.ts';
import { redisSchema } from './redis.ts';

/** What a budget can be kept by. */
export const dimensions = [
  'principal',
  'apiKey',
  'tenant',
  'ip',
  'operationName',
  'source',
  'path',
  'apiVersion',
  'anonymous',
] as const;
export type Dimension = (typeof dimensions)[number];

/** Kinds of principals, as the request context has them. */
const kinds = ['anonymous', 'key', 'jwt', 'token', 'certificate', 'proxy'] as const;

const text = z.string().min(1).max(200);
const texts = z.array(text).min(1).max(1000);
const ms = z.int().min(1).max(86_400_000);
const name = z.string().regex(/^[A-Za-z][\w.-]{0,63}$/, 'must be a short name of letters, digits and . _ -');

const by = z
  .array(z.enum(dimensions))
  .max(dimensions.length)
  .refine((list) => new Set(list).size === list.length, { error: 'must not name one twice' })
  .describe('What has a budget of its own: each combination of these. An empty list is one budget for everybody.');

const match = z
  .strictObject({
    kinds: z.array(z.enum(kinds)).min(1).max(kinds.length).optional().describe('Kinds of principals.'),
    principals: texts.optional().describe('Ids of principals.'),
    tenants: texts.optional().describe('Tenants.'),
    roles: texts.optional().describe('Roles of which the principal has one.'),
    operationNames: texts.optional().describe('Names of operations.'),
    sources: texts.optional().describe('Sources of which the operation uses one.'),
    paths: texts.optional().describe('Paths of the URL.'),
    apiVersions: texts.optional().describe('Values of the header that `apiVersionHeader` names.'),
  })
  .describe('For which operations the rule holds: those that fit all of this. Without this key for all.');

const common = {
  name: name.describe('Told to clients, and in metrics.'),
  by,
  match: match.prefault({}),
  known: z
    .strictObject({
      operationNames: texts.optional().describe('Names of operations that have budgets of their own.'),
      apiVersions: texts.optional().describe('The same for versions.'),
    })
    .prefault({})
    .describe(
      'Callers write names and versions as they like: those listed here have budgets of their own, all others share one.',
    ),
  apiVersionHeader: headerName.default('x-api-version').describe('The header that says the version of the API.'),
  fail: z
    .enum(['open', 'closed', 'local'])
    .default('local')
    .describe(
      'What happens while Redis does not answer: everybody passes, nobody does, or this process keeps a share of the budget (`limitStore.localSharePercent`).',
    ),
  shadow: z.boolean().default(false).describe('Counts and tells in log and metrics, but refuses nobody.'),
};

export const rateLimit = z
  .strictObject({
    ...common,
    points: z
      .number()
      .min(0.001)
      .max(1_000_000_000)
      .describe('The budget of one window: the rate that can be kept up.'),
    windowMs: ms.default(60_000).describe('The window, in ms.'),
    burst: z
      .number()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .describe('What can be spent at once after a rest; without this key the whole budget of a window.'),
    cost: z
      .enum(['price', 'calls', 'requests', 'upstreamMs'])
      .default('price')
      .describe(
        'What a request takes: its price, its predicted calls (both are settled by what it really took), 1, or afterwards the time its calls took.',
      ),
  })
  .describe('A budget that fills up evenly (GCRA).');

export const concurrencyLimit = z
  .strictObject({
    ...common,
    max: z.int().min(1).max(1_000_000).describe('Most operations under way at once, subscriptions included.'),
    leaseMs: ms
      .default(30_000)
      .describe('After this time an operation of a process that died no longer counts, in ms; living ones renew it.'),
  })
  .describe('How many operations may be under way at once.');

const unique = (rules: readonly { name: string }[]): boolean =>
  new Set(rules.map((rule) => rule.name)).size === rules.length;
const twice = { error: 'must have a name of its own for each rule' };

export const rateLimits = z
  .array(rateLimit)
  .max(50)
  .refine(unique, twice)
  .default([])
  .describe('Budgets. All that match an operation hold.');

export const concurrencyLimits = z
  .array(concurrencyLimit)
  .max(50)
  .refine(unique, twice)
  .default([])
  .describe('Limits on operations under way. All that match an operation hold.');

export const limitStore = z.strictObject({
  maxKeys: z
    .int()
    .min(100)
    .max(10_000_000)
    .default(100_000)
    .describe('Most budgets kept in memory; those not used for longest are forgotten first.'),
  timeoutMs: z.int().min(1).max(20).default(20).describe('Longest time a request waits for Redis, in ms.'),
  localSharePercent: z
    .number()
    .min(0.1)
    .max(100)
    .default(10)
    .describe('Share of each budget that one replica gives out by itself while Redis does not answer, in percent.'),
  redis: redisSchema({ prefix: 'tributary:limits:', timeoutMs: 1000 })
    .optional()
    .describe('Keeps budgets in Redis, for all replicas.'),
});

/** The key of a coordinate. */
export const rateLimitOfCoordinate = {
  rateLimit: z
    .strictObject({
      max: z.int().min(1).max(1_000_000).describe('Most times one principal may select the field in a window.'),
      windowMs: ms.default(60_000).describe('The window, in ms.'),
      identityArgs: z
        .array(z.string().regex(/^\w{1,256}(\.\w{1,256}){0,15}$/, 'must be an argument, or a dotted path into one'))
        .max(16)
        .default([])
        .describe('Arguments whose values have budgets of their own.'),
    })
    .optional()
    .describe('How often one principal may select the field (`@rateLimit`); anonymous ones are told apart by address.'),
};

export type RateLimitConfig = z.output<typeof rateLimit>;
export type ConcurrencyLimitConfig = z.output<typeof concurrencyLimit>;
export type LimitStoreConfig = z.output<typeof limitStore>;
