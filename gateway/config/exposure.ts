/** `include` and `exclude` of a source policy: which operations of its contract are served. */
import { z } from 'zod';

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'] as const;

const patterns = z.array(z.string().min(1).max(512)).min(1).max(1000);

const selector = z
  .strictObject({
    tags: patterns.optional().describe('Tags of an OpenAPI contract.'),
    paths: patterns
      .optional()
      .describe('Paths as the contract has them: /orders/{id}; of a gRPC method /package.Service/Method.'),
    operations: patterns.optional().describe('Names of root fields, operationIds, or names on the wire.'),
    methods: z
      .array(z.string().max(16).toUpperCase().pipe(z.enum(METHODS)))
      .min(1)
      .max(METHODS.length)
      .optional()
      .describe('HTTP methods of an OpenAPI contract.'),
  })
  .refine((said) => Object.values(said).some((each) => each !== undefined), {
    error: 'must name tags, paths, operations or methods',
  });

/** Operations that fit one of the selectors: each of them by something of every list that it has. `*` stands for any text. */
export const selectors = z.array(selector).min(1).max(100);

export type OperationSelector = z.output<typeof selector>;
