/** The names that errors of validation propose: for how many, and none where nobody is to read a schema from errors. */
import { GraphQLError } from 'graphql';
import type { OperationLimits } from '../config/operation-limits.ts';

/** Errors of a document that propose names: for each the names of a whole schema are compared, in a large one for milliseconds. */
const PROPOSING = 3;

type How = { readonly maxErrors: number; readonly hideSuggestions: boolean };

/**
 * Validates without proposals, and a document with faults once more for the proposals of the first ones.
 *
 * @param validate the rules of graphql-js over one document: it finds the same errors in the same order each time
 */
export function suggest(
  { errors: maxErrors, suggestions }: Pick<OperationLimits, 'errors' | 'suggestions'>,
  validate: (how: How) => readonly GraphQLError[],
): readonly GraphQLError[] {
  const errors = validate({ maxErrors, hideSuggestions: true });
  if (!suggestions || errors.length === 0) return errors;
  const proposing = validate({ maxErrors: Math.min(PROPOSING, maxErrors), hideSuggestions: false });
  // A last one that says only that there are more is not among the first.
  return errors.map((error, index) => (index < PROPOSING && proposing[index]?.nodes ? proposing[index] : error));
}

const SUGGESTION = / Did you mean [^?]*\?/g;

/** The same errors for clients that are not to guess. */
export function withoutSuggestions(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  return errors.map((error) => {
    const message = error.message.replace(SUGGESTION, '');
    if (message === error.message) return error;
    const { nodes = null, source = null, positions = null, path = null, originalError = null, extensions } = error;
    return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
  });
}
