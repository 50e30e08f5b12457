import { directivesNamed } from '../lib/sdl.ts';
import { isAliased } from './keys.ts';
import { named } from './model.ts';
import { selectionOf, selectPiece } from './selection.ts';
import type { FieldSite, Resolver } from './site.ts';

/** Directives that say a root field is a call, by protocol. */
export const CALL_DIRECTIVES = ['httpOperation', 'grpcMethod', 'graphqlField'] as const;

/** A root field: one call to its source. */
export function createCall({ model, origins, perform, type, field }: FieldSite): Resolver {
  const [source] = CALL_DIRECTIVES.flatMap((name) => directivesNamed(field.astNode, name)).map((args) =>
    String(args['subgraph']),
  );
  // Only `Query.nothing` has none.
  if (source === undefined) return () => null;
  const below = named(field.type);
  const aliased = isAliased(model, source);
  const idempotent = type === model.schema.getQueryType();
  return async (_parent, args, context, info) => {
    const selection = aliased
      ? { selection: selectionOf([selectPiece(model, info, info.fieldNodes, below, source)], [], '') }
      : {};
    const data = await perform(context, { source, operation: field.name, args, idempotent, keys: 0, ...selection });
    return origins.note(below, data, source);
  };
}
