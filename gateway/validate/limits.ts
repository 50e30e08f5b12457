/** Whether a document is within its limits. The sentence says the limit and what to do; the caller's own text is never repeated. */
import type { DocumentNode } from 'graphql';
import type { OperationLimits } from '../config/operation-limits.ts';
import { type ErrorCode, GatewayError } from '../errors.ts';
import { type Measure, measureDocument } from './measure.ts';

type Limited = Exclude<keyof Measure, 'repeats' | 'cycle' | 'valueDepth'>;

const rules: readonly (readonly [of: Limited, code: ErrorCode, what: string, advice: string])[] = [
  ['depth', 'LIMIT_DEPTH', 'levels', 'select fewer levels'],
  ['rootFields', 'LIMIT_ROOT_FIELDS', 'root fields', 'split the operation'],
  ['introspections', 'LIMIT_ROOT_FIELDS', 'questions about the schema', 'ask for it once'],
  ['aliases', 'LIMIT_ALIASES', 'aliases', 'split the operation'],
  ['directives', 'LIMIT_DIRECTIVES', 'directives', 'leave some out'],
  [
    'fields',
    'LIMIT_FIELDS',
    'fields, fragments counted wherever they are used',
    'select fewer, or split the operation',
  ],
];

/** The fault of a document that is too large; undefined for one that is not. */
export function overLimit(document: DocumentNode, limits: OperationLimits): GatewayError | undefined {
  const measure = measureDocument(document, limits);
  if (measure.cycle !== undefined) {
    // The sentence of graphql-js, which would find it, too: after it has looked at everything else.
    return new GatewayError('VALIDATION_FAILED', {
      message: `Cannot spread fragment "${measure.cycle}" within itself.`,
    });
  }
  for (const [of, code, what, advice] of rules) {
    const limit = limits[of];
    if (measure[of] <= limit) continue;
    const message = `At most ${limit} ${what} are allowed: ${advice}.`;
    return new GatewayError(code, { message, extensions: { limit } });
  }
  if (measure.valueDepth > limits.depth) {
    const message = `At most ${limits.depth} levels are allowed in a value: write it flatter.`;
    return new GatewayError('LIMIT_DEPTH', { message, extensions: { limit: limits.depth } });
  }
  if (measure.repeats <= limits.repeats) return undefined;
  const message = 'The same fields are selected too often at one place: select each once.';
  return new GatewayError('LIMIT_FIELDS', { message, extensions: { limit: limits.repeats } });
}
