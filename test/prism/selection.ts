import {
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';

const MAX_DEPTH = 3;
const MAX_MEMBERS = 12;

/** Fields of a type and of what lies below it; of unions every member, under names of its own, because members may disagree. */
export function selectionOf(schema: GraphQLSchema, type: GraphQLOutputType, depth = 0, prefix = ''): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  const parts = ['__typename'];
  if (!isUnionType(named)) {
    for (const field of Object.values(named.getFields())) {
      if (field.args.some((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined)) continue;
      const inner = getNamedType(field.type);
      if (isCompositeType(inner) && depth >= MAX_DEPTH) continue;
      const name = prefix === '' ? field.name : `${prefix}${field.name}: ${field.name}`;
      parts.push(`${name} ${selectionOf(schema, field.type, depth + 1)}`.trim());
    }
  }
  if (isAbstractType(named) && depth < MAX_DEPTH) {
    const members = schema.getPossibleTypes(named).filter(isObjectType).slice(0, MAX_MEMBERS);
    for (const [index, member] of members.entries())
      parts.push(`... on ${member.name} ${selectionOf(schema, member, depth + 1, `m${index}_`)}`);
  }
  return `{ ${parts.join(' ')} }`;
}
