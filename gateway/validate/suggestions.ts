/** Sentences of graphql-js without the names they propose: where proposals are off, nobody reads a schema from errors. */
import { GraphQLError } from 'graphql';

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
