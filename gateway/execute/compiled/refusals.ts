import {
  BREAK,
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  visit,
} from 'graphql';

/**
 * Why an operation is left to the reference executor:
 * - `incremental`: it asks for parts of its answer later (`@defer`, `@stream`)
 * - `root-inside`: it may select fields of `Query` or `Mutation` below others
 * - `resolvers`: the schema has resolvers that this executor knows nothing of
 * - `new`: it was not seen often enough for a program to be worth its making
 * - `denied`: something of it is not for who asks
 * - `request`: the request is at fault, and the answer says so
 */
export const REFUSALS = ['incremental', 'root-inside', 'resolvers', 'new', 'denied', 'request'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Looks for what cannot be compiled in documents of one schema. */
export function createRefuse(
  schema: GraphQLSchema,
  hasOwnResolvers: () => boolean,
): (document: DocumentNode) => Refusal | undefined {
  const leading = fieldsToRoots(schema);
  let isOwn: boolean | undefined;
  return (document) => {
    isOwn ??= hasOwnResolvers();
    if (!isOwn) return 'resolvers';
    let found: Refusal | undefined;
    const refuse = (reason: Refusal): typeof BREAK => {
      found = reason;
      return BREAK;
    };
    visit(document, {
      Directive: ({ name: { value } }) => (value === 'defer' || value === 'stream' ? refuse('incremental') : undefined),
      Field: ({ name: { value } }) => (leading.has(value) ? refuse('root-inside') : undefined),
    });
    return found;
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
