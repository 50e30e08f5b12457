/** A case: one promise to users as data. The file's own words are checked first, strictly, so that a case cannot promise nothing. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { errorTable } from '../../gateway/errors.ts';

const text = z.string().min(1);
const map = z.record(text, z.unknown());

const answer = z
  .strictObject({
    status: z.int().min(100).max(599).optional(),
    headers: z.record(text, z.string()).optional(),
    body: z.unknown().optional(),
    text: z.string().optional(),
    error: text.optional(),
    never: z.literal(true).optional(),
    cut: z.literal(true).optional(),
  })
  .describe('What the upstream answers.');

const exchange = z.strictObject({
  source: text,
  request: text.describe('REST `GET /path?query` as sent, gRPC `package.Service/Method`, GraphQL the root field'),
  headers: z.record(z.string().regex(/^[a-z0-9-]+$/), z.string().nullable()).optional(),
  body: z.unknown().optional(),
  contains: z.array(text).min(1).optional(),
  answer,
  times: z.int().min(1).optional(),
});

const error = z.strictObject({
  code: z.enum(Object.keys(errorTable) as [string, ...string[]]),
  path: z.array(z.union([z.string(), z.int()])).optional(),
  source: text.optional(),
  message: text.optional(),
  /** Of `extensions`, beside code, source and retryable. */
  extensions: map.optional(),
});

const request = z.strictObject({
  query: text,
  variables: map.optional(),
  operationName: text.optional(),
  headers: z.record(text, z.string()).optional(),
});

export const caseSchema = z.strictObject({
  title: z.string().min(20).describe('the promise, as a sentence'),
  world: text.describe('folder below test/cases/worlds'),
  sources: z.array(text).min(1).optional().describe('only these sources of the world'),
  policies: z.record(text, map).optional().describe('policy.yaml by source, in place of the world’s'),
  joins: z.record(text, text).optional().describe('joins.graphql by source, in place of the world’s'),
  settings: map.optional().describe('gateway.yaml'),
  upstream: z.array(exchange).describe('every call that is made, in any order; no other may be'),
  before: z
    .array(request)
    .optional()
    .describe('requests that are sent first, one after the other; what they are answered is not looked at'),
  request,
  expect: z
    .strictObject({
      status: z.int().default(200),
      data: z.unknown().optional(),
      errors: z.array(error).min(1).optional(),
      extensions: map.optional().describe('what of the answer’s extensions is promised'),
      headers: z.record(text, text).optional(),
      calls: z.int().min(0).describe('upstream calls of the request, as the gateway counts them and as upstreams do'),
    })
    .refine(({ data, errors }) => data !== undefined || errors !== undefined, { error: 'must hold data or errors' }),
});

export type Case = z.output<typeof caseSchema>;

/** @throws with all faults when the file is not a case */
export function readCase(file: string): Case {
  const parsed = caseSchema.safeParse(parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${file} is not a case\n${faults.join('\n')}`);
}
