import { directivesNamed } from '../lib/sdl.ts';
import { mapDirective, toEntries } from './entries.ts';
import { isAliased } from './keys.ts';
import { named } from './model.ts';
import { selectionOf, selectPiece } from './selection.ts';
import { type FieldSite, isList, type Resolver } from './site.ts';
import { createStreamedList, isStreamed } from './streamed-field.ts';

/** Directives that say a root field is a call, by protocol. */
export const CALL_DIRECTIVES = ['httpOperation', 'grpcMethod', 'graphqlField'] as const;

/** What the directives of a root field say about its call: the source, and its wire form. Only `Query.nothing` has none. */
export function callOf({
  field,
}: Pick<FieldSite, 'field'>): { source: string; wire: Record<string, unknown> } | undefined {
  const [wire] = CALL_DIRECTIVES.flatMap((name) => directivesNamed(field.astNode, name));
  return wire && { source: String(wire['subgraph']), wire };
}

/** A field of `Query` or `Mutation`: one call to its source. */
export function createCall(site: FieldSite): Resolver {
  const { model, origins, perform, type, field } = site;
  const call = callOf(site);
  if (call === undefined) return () => null;
  const { source, wire } = call;
  const below = named(field.type);
  const aliased = isAliased(model, source);
  const idempotent = type === model.schema.getQueryType();
  const isVoid = below.name === 'Void';
  const isMap = mapDirective(field, source) !== undefined;
  if (isStreamed(wire) && isList(field)) return createStreamedList(site, source, idempotent);
  return async (_parent, args, context, info) => {
    const selection = aliased
      ? { selection: selectionOf([selectPiece(model, info, info.fieldNodes, below, source)], [], '') }
      : {};
    const data = await perform(context, { source, operation: field.name, args, idempotent, keys: 0, ...selection });
    // Whatever a source says beside "done" was promised to nobody.
    if (isVoid) return null;
    return origins.note(below, isMap ? toEntries(data) : data, source);
  };
}
