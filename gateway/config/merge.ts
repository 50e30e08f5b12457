/** `merge` of policy.yaml: an entry by key into a type that several sources share. */
import { z } from 'zod';

export const graphqlName = z
  .string()
  .regex(/^(?!__)[_A-Za-z][_0-9A-Za-z]{0,255}$/, 'must be a GraphQL name that does not begin with two underscores');
export const dottedPath = z
  .string()
  .regex(/^\w{1,256}(\.\w{1,256}){0,15}$/, 'must be a field name or a dotted path of them');
export const batchSize = z.int().min(1).max(10_000);

export const merge = z
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
