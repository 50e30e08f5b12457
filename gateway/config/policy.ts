/** `sources/<name>/policy.yaml`: what the gateway may assume about one source. Every key is optional; unknown keys are faults. */
import { z } from 'zod';
import { headerName, headerNames } from './schema.ts';
import { Secret } from './secret.ts';

const graphqlName = z
  .string()
  .regex(/^(?!__)[_A-Za-z][_0-9A-Za-z]{0,255}$/, 'must be a GraphQL name that does not begin with two underscores');
const coordinate = z
  .string()
  .regex(/^[_A-Za-z]\w{0,255}\.[_A-Za-z]\w{0,255}$/, 'must be a coordinate, written Type.field');
const dottedPath = z.string().regex(/^\w{1,256}(\.\w{1,256}){0,15}$/, 'must be a field name or a dotted path of them');
const wireName = z.string().min(1).max(512);
const batchSize = z.int().min(1).max(10_000);

const endpoint = z
  .string()
  .max(2048)
  .regex(
    /^(https?:\/\/[^\s/]+\S*|[^\s/:]+:\d{1,5}|\[[0-9a-fA-F:.]+\]:\d{1,5})$/,
    'must be an http(s) URL or host:port',
  );

const merge = z
  .strictObject({
    keyField: dottedPath.optional().describe('Field of the shared type whose value is the key.'),
    keysArg: dottedPath
      .optional()
      .describe('Argument that takes the list of keys (or the one key); dots reach into inputs.'),
    valueKeyField: dottedPath
      .optional()
      .describe('Field of an answered row that holds its key, when it is not keyField.'),
    result: dottedPath.optional().describe('Path to the rows inside the answer; without it the answer is the rows.'),
    keyFields: z
      .array(dottedPath)
      .min(1)
      .max(8)
      .optional()
      .describe('Fields of a composite key, in place of keyField.'),
    keysArgFields: z
      .array(graphqlName)
      .min(1)
      .max(8)
      .optional()
      .describe('Names the key parts have in the objects given to keysArg, in the order of keyFields.'),
    batchSize: batchSize.optional().describe('Most keys of one call.'),
  })
  .refine((value) => (value.keyField === undefined) !== (value.keyFields === undefined), {
    error: 'needs either keyField or keyFields',
  })
  .refine((value) => value.keysArg !== undefined, {
    path: ['keysArg'],
    error: 'is required: the argument that takes keys',
  })
  .refine((value) => !value.keysArgFields || value.keysArgFields.length === value.keyFields?.length, {
    path: ['keysArgFields'],
    error: 'must have one entry for each of keyFields',
  });

const operation = z.strictObject({
  kind: z.enum(['query', 'mutation']).optional().describe('Overrides the guess whether the operation reads or writes.'),
  idempotent: z
    .boolean()
    .optional()
    .describe(
      'Whether sending the call twice does no more than sending it once: a declaration that no rule reads yet.',
    ),
  notFound: z
    .enum(['null', 'error'])
    .or(z.null().transform(() => 'null' as const))
    .optional()
    .describe('What an upstream "not found" becomes: null, or an error of the field.'),
  batchSize: batchSize.optional().describe('Most keys that one bulk call of this operation takes.'),
  stream: z
    .enum(['subscription', 'list'])
    .optional()
    .describe(
      'What a stream of answers is: a subscription (without this key), or a list of a query or mutation, whole or with @stream.',
    ),
  maxItems: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Most items of a stream that is a list (1000 without this key); one more is an error of the field.'),
  exclude: z.boolean().optional().describe('Leaves the operation out of the schema.'),
});

export const policySchema = z
  .strictObject({
    owner: z.string().min(1).max(200).optional().describe('Team that answers for the source.'),
    endpoints: z
      .strictObject({
        static: z
          .array(endpoint)
          .min(1)
          .max(100)
          .optional()
          .describe('Addresses; they win over .meshrc.yaml and contract.'),
      })
      .prefault({}),
    deadlineMs: z
      .int()
      .min(1)
      .max(600_000)
      .optional()
      .describe('Longest time of one call, in ms; never above the request’s own.'),
    headers: z
      .strictObject({
        forward: headerNames.default([]).describe('Request headers sent on to this source.'),
        set: z
          .record(
            headerName,
            z
              .string()
              .max(16_384)
              .transform((text) => new Secret(text)),
          )
          .default({})
          .describe('Headers set on every call; their values are treated as secrets. Write them with ${ENV}.'),
      })
      .prefault({}),
    nullability: z
      .enum(['lenient', 'strict'])
      .default('lenient')
      .describe(
        'Whether properties that the OpenAPI contract requires are non-null in answers: strict believes the contract, and an answer that lacks one takes its parent with it.',
      ),
    names: z
      .strictObject({
        types: z.record(wireName, graphqlName).default({}).describe('New names of types, by generated name.'),
        fields: z.record(wireName, graphqlName).default({}).describe('New names of fields, by Type.field.'),
        operations: z
          .record(wireName, graphqlName)
          .default({})
          .describe('New names of root fields, by operation name on the wire.'),
      })
      .prefault({}),
    operations: z
      .record(graphqlName, operation)
      .default({})
      .describe('Rules for root fields, by their name in the schema.'),
    coordinates: z
      .record(
        coordinate,
        z.strictObject({
          merge: merge.optional().describe('Makes the field an entry by key into a type that other sources share.'),
        }),
      )
      .default({})
      .describe('Rules for fields that exist, by coordinate.'),
  })
  .describe('What the gateway may assume about one source.');

/** One source's policy with all defaults filled in. */
export type Policy = z.output<typeof policySchema>;
export type OperationPolicy = z.output<typeof operation>;
export type MergePolicy = z.output<typeof merge>;

/** The policy of a source that has no file. */
export function defaultPolicy(): Policy {
  return policySchema.parse({});
}
