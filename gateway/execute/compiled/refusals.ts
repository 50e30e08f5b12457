import {
  BREAK,
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  visit,
} from 'graphql';
import { asksForParts } from '../in-parts.ts';

/**
 * Why an operation is left to the reference executor:
 * - `incremental`: it asks for parts of its answer later (`@defer`, `@stream`)
 * - `root-inside`: it may select fields of `Query` or `Mutation` below others
 * - `resolvers`: the schema has resolvers that this executor knows nothing of
 * - `guarded`: rules look at what sources answer, or nobody has said what is granted
 * - `new`: it was not seen often enough for a program to be worth its making
 * - `denied`: something of it is not for who asks
 * - `request`: the request is at fault, and the answer says so
 */
export const REFUSALS = ['incremental', 'root-inside', 'resolvers', 'guarded', 'new', 'denied', 'request'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Looks for what cannot be compiled in documents of one schema. */
export function createRefuse(
  schema: GraphQLSchema,
  hasOwnResolvers: () => boolean,
): (document: DocumentNode) => Refusal | undefined {
  const leading = fieldsToRoots(schema);
  return (document) => {
    if (!hasOwnResolvers()) return 'resolvers';
    if (asksForParts(document)) return 'incremental';
    let leads = false;
    visit(document, {
      Field({ name: { value } }) {
        leads ||= leading.has(value);
        return leads ? BREAK : undefined;
      },
    });
    return leads ? 'root-inside' : undefined;
  };
}

/** Names of fields whose values are of the type that operations begin with: what is below them is called, not read. */
function fieldsToRoots(schema: GraphQLSchema): ReadonlySet<string> {
  const roots = new Set([schema.getQueryType(), schema.getMutationType()]);
  const names = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const of = getNamedType(field.type);
      if (isObjectType(of) && roots.has(of)) names.add(field.name);
    }
  }
  return names;
}
