/** `operationLimits` and `batching` of `gateway.yaml`: how large an operation may be, judged before anything is validated or run. */
import { z } from 'zod';

const count = z.int().min(1).max(1_000_000);

export const operationLimits = z.strictObject({
  documentBytes: z
    .int()
    .min(1)
    .max(1_073_741_824)
    .default(131_072)
    .describe('Longest document, in bytes: LIMIT_TOKENS. It is refused before it is parsed.'),
  tokens: count
    .default(5000)
    .describe('Most tokens of a document: LIMIT_TOKENS. Parsing ends at the first one beyond.'),
  variableValues: count
    .default(10_000)
    .describe(
      'Most values in the variables of an operation, lists and objects counted, too: LIMIT_TOKENS. Each takes memory and time to be read.',
    ),
  depth: count
    .default(25)
    .describe(
      'Most levels of fields, counted through fragments, and of lists and inputs in a value: LIMIT_DEPTH. Introspection as tools ask for it takes 14.',
    ),
  aliases: count.default(100).describe('Most aliases, counted wherever a fragment is used: LIMIT_ALIASES.'),
  directives: count.default(100).describe('Most directives of a document: LIMIT_DIRECTIVES.'),
  rootFields: count
    .default(50)
    .describe('Most fields at the root of an operation, counted through fragments: LIMIT_ROOT_FIELDS.'),
  introspections: count
    .default(3)
    .describe(
      'Most questions about the schema in one operation: `__schema`, `__type`, and lists below them under other names: LIMIT_ROOT_FIELDS.',
    ),
  fields: count
    .default(2000)
    .describe(
      'Most fields of an operation, counted wherever a fragment is used: LIMIT_FIELDS. Fragments multiply, and so does this.',
    ),
  repeats: count
    .default(20_000)
    .describe(
      'Most pairs of fields that stand for one value of the answer (ten times the same field make 45), and of fragments used at one place: LIMIT_FIELDS. Validation compares them all.',
    ),
  pageSize: count
    .default(1000)
    .describe(
      'Largest number that an argument may give for the length of a list, and most keys one may hold: LIMIT_PAGE_SIZE.',
    ),
  errors: z
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe('Most faults of a document that are told; validation ends with the last of them.'),
  suggestions: z
    .boolean()
    .default(true)
    .describe(
      'Whether an error about an unknown name proposes known ones. Without them nobody guesses a schema from errors.',
    ),
  cachedDocumentBytes: z
    .int()
    .min(0)
    .max(1_073_741_824)
    .default(8_388_608)
    .describe(
      'Most text of documents that are kept parsed and validated, in bytes; each counts 16384 more, which makes some 500 of them. They take twice that. For more live operations than that raise it, and execution.programs.',
    ),
});

export const batching = z.strictObject({
  max: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe(
      'Most operations of one request that is a JSON list; 0 refuses lists. Each is limited and priced by itself.',
    ),
});

export type OperationLimits = z.output<typeof operationLimits>;
