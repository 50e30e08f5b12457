/**
 * Keys about price and cost: of `gateway.yaml` (`cost`), of an operation in a policy (`weight`), and of coordinates, where they are the
 * GraphQL cost directives (ibm.github.io/graphql-specs/cost-spec.html §7, §8).
 */
import { z } from 'zod';

/** Points of one upstream call whose policy says nothing else. */
export const DEFAULT_CALL_WEIGHT = 10;

const name = z.string().regex(/^[_A-Za-z]\w{0,255}$/, 'must be a GraphQL name');
const path = z.string().regex(/^\w{1,256}(\.\w{1,256}){0,15}$/, 'must be an argument, or a dotted path into one');
const weight = z.number().min(-1_000_000).max(1_000_000);

export const costLimits = z.strictObject({
  max: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(100_000)
    .describe('Highest price an operation may have, in points: LIMIT_COST.'),
  principals: z
    .array(z.string().min(1).max(200))
    .max(1000)
    .default([])
    .describe(
      'Ids of the principals who may ask for `extensions.cost` with x-tributary-cost; “anonymous” is everybody.',
    ),
  headers: z
    .boolean()
    .default(false)
    .describe('Whether every answer says price and cost in x-tributary-price and x-tributary-cost.'),
});

export const callWeight = z
  .number()
  .min(0)
  .max(1_000_000)
  .optional()
  .describe(`Points of one call of the operation (${DEFAULT_CALL_WEIGHT} without this key).`);

export const listSize = z
  .strictObject({
    assumedSize: z.int().min(0).max(1_000_000).optional().describe('How long the list is taken to be.'),
    slicingArguments: z
      .array(path)
      .min(1)
      .max(16)
      .optional()
      .describe('Arguments that say how long the list gets; dots reach into inputs. The largest counts.'),
    sizedFields: z
      .array(name)
      .min(1)
      .max(16)
      .optional()
      .describe('Fields below this one that are the list, where it is not this field itself.'),
    requireOneSlicingArgument: z
      .boolean()
      .default(true)
      .describe('Whether exactly one of the slicing arguments has to be given.'),
  })
  .refine(({ assumedSize, slicingArguments }) => assumedSize !== undefined || slicingArguments !== undefined, {
    error: 'needs assumedSize or slicingArguments',
  })
  .refine(
    ({ assumedSize, slicingArguments, requireOneSlicingArgument }) =>
      assumedSize === undefined || slicingArguments === undefined || !requireOneSlicingArgument,
    { path: ['assumedSize'], error: 'is never used while one slicing argument is required' },
  );

/** The keys of a coordinate: of a field all of them, of a type `cost` alone. */
export const costOfCoordinate = {
  cost: weight
    .optional()
    .describe(
      'Points of the field each time it runs, or of each value of the type (`@cost`). Else 1, and 0 for scalars.',
    ),
  argumentCosts: z
    .record(name, weight)
    .optional()
    .describe(
      'Points that an argument of the field adds when it is given (`@cost` on arguments); they may be negative.',
    ),
  listSize: listSize.optional().describe('How long the field’s list gets (`@listSize`).'),
};

export type CostLimits = z.output<typeof costLimits>;
export type ListSizePolicy = z.output<typeof listSize>;
