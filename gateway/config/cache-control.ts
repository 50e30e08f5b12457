/** Keys of `coordinates` about answers that are kept: how long, for whom, under which names, and what a mutation makes old. */
import { z } from 'zod';

const seconds = z.int().min(0).max(86_400);
const typeName = z.string().regex(/^[_A-Za-z]\w{0,255}$/, 'must be the name of a type');
const sourceName = z.string().min(1).max(200);
const argumentPath = z
  .string()
  .regex(/^\w{1,256}(\.\w{1,256}){0,15}$/, 'must be an argument, with dots to reach into inputs');

/** A name that answers are kept under, so that they can be dropped together. */
export const answerTag = z.string().regex(/^[\w.:/-]{1,100}$/, 'must hold letters, digits and . _ : / - only');

const cacheControl = z
  .strictObject({
    maxAge: seconds
      .optional()
      .describe(
        'How long answers with this field are given without asking again, in seconds: of all fields of an operation the least counts; 0 keeps none.',
      ),
    scope: z
      .enum(['PUBLIC', 'PRIVATE'])
      .optional()
      .describe('Whether answers with this field are for everybody (as without this key) or for each principal alone.'),
    staleWhileRevalidate: seconds
      .optional()
      .describe('How long after that they are still given while a new one is fetched, in seconds.'),
    staleIfError: seconds
      .optional()
      .describe('How long after that they are still given when a source fails, in seconds.'),
    tags: z
      .array(answerTag)
      .max(20)
      .optional()
      .describe('Names that answers with this field are kept under, to drop them together.'),
  })
  .refine((rule) => rule.maxAge !== undefined || (rule.staleWhileRevalidate ?? rule.staleIfError) === undefined, {
    path: ['maxAge'],
    error: 'is required beside staleWhileRevalidate and staleIfError',
  });

const invalidates = z.strictObject({
  entities: z
    .array(
      z.strictObject({
        type: typeName.describe('Type of the value.'),
        idFrom: argumentPath.describe('Argument of the mutation that holds its id; dots reach into inputs.'),
      }),
    )
    .max(20)
    .optional()
    .describe('Answers with the one value of a type.'),
  types: z.array(typeName).max(20).optional().describe('Answers with any value of these types.'),
  lists: z
    .array(typeName)
    .max(20)
    .optional()
    .describe('Answers with a list of these types, or with none where one was asked for.'),
  tags: z.array(answerTag).max(20).optional().describe('Answers kept under these names.'),
  sources: z.array(sourceName).max(20).optional().describe('Answers that took a call to these sources.'),
});

/** What stands beside the other keys of a coordinate. */
export const cacheCoordinate = {
  cacheControl: cacheControl.optional().describe('How long whole answers with this field are kept, and for whom.'),
  invalidates: invalidates
    .optional()
    .describe(
      'What a mutation makes old of what is kept, in place of what was concluded when it was read; {} for nothing but the values it answers with.',
    ),
  entityId: z
    .literal(true)
    .optional()
    .describe('The field tells values of its type apart, in place of the one that was concluded.'),
};

export type CacheControlRule = z.output<typeof cacheControl>;
export type InvalidationRule = z.output<typeof invalidates>;
