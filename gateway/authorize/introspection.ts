/** Who may look at the schema: by introspection, and by being told what a misspelled name may have meant. */
import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';
import type { IntrospectionConfig } from '../config/authorization.ts';
import type { Principal } from '../context.ts';
import { GatewayError } from '../errors.ts';

export function mayIntrospect({ allow, roles }: IntrospectionConfig, principal: Principal): boolean {
  if (allow === 'everybody') return true;
  return allow === 'roles' && principal.roles.some((role) => roles.includes(role));
}

/**
 * A validation rule that refuses `__schema` and `__type`; `__typename` tells nothing that a selection does not. It is added for those
 * who may not ask: a rule with a verdict of its own for each principal would be remembered under its one name.
 */
export function refuseIntrospection(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      const name = node.name.value;
      if (name !== '__schema' && name !== '__type') return;
      const message = `${name} is not for you: the schema is not open to everybody here.`;
      const originalError = new GatewayError('FORBIDDEN', { message });
      context.reportError(new GraphQLError(message, { nodes: node, originalError }));
    },
  };
}

const SUGGESTION = / Did you mean .*\?$/s;

/** Errors that give no name of the schema away which the client did not write itself. */
export function withoutSuggestions(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  if (!errors.some(({ message }) => SUGGESTION.test(message))) return errors;
  return errors.map((error) => {
    if (!SUGGESTION.test(error.message)) return error;
    const { nodes = null, source = null, positions = null, path = null, originalError = null, extensions } = error;
    const message = error.message.replace(SUGGESTION, '');
    return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
  });
}
