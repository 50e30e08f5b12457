import type { GraphQLField } from 'graphql';
import { directivesNamed } from '../lib/sdl.ts';

/** Directives that say a root field is a call, by protocol. */
export const CALL_DIRECTIVES = ['httpOperation', 'grpcMethod', 'graphqlField'] as const;

/** What the directives of a root field say about its call: the source, and its wire form. Only `Query.nothing` has none. */
export function callOf({
  field,
}: {
  field: Pick<GraphQLField<unknown, unknown>, 'astNode'>;
}): { source: string; wire: Record<string, unknown> } | undefined {
  const [wire] = CALL_DIRECTIVES.flatMap((name) => directivesNamed(field.astNode, name));
  return wire && { source: String(wire['subgraph']), wire };
}
