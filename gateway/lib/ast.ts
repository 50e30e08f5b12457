import {
  type DefinitionNode,
  Kind,
  type NamedTypeNode,
  type NonNullTypeNode,
  type StringValueNode,
  type TypeNode,
} from 'graphql';

const ROOT_TYPES = new Set(['Query', 'Mutation', 'Subscription']);

export function isRootType(node: DefinitionNode): boolean {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION && ROOT_TYPES.has(node.name.value);
}

/** The type with `!`, or as it is where it has one. */
export function nonNull(type: TypeNode): TypeNode {
  return type.kind === Kind.NON_NULL_TYPE ? type : { kind: Kind.NON_NULL_TYPE, type };
}

export function nullable(type: TypeNode): Exclude<TypeNode, NonNullTypeNode> {
  return type.kind === Kind.NON_NULL_TYPE ? type.type : type;
}

/** Two types that differ in what may be null, as one that promises no more than either. */
export function weaker(a: TypeNode, b: TypeNode): TypeNode {
  const [inner, other] = [nullable(a), nullable(b)];
  const both = a.kind === Kind.NON_NULL_TYPE && b.kind === Kind.NON_NULL_TYPE;
  const lists = inner.kind === Kind.LIST_TYPE && other.kind === Kind.LIST_TYPE;
  const common: TypeNode = lists ? { ...inner, type: weaker(inner.type, other.type) } : inner;
  return both ? nonNull(common) : common;
}

/** The named type inside lists and non-nulls. */
export function namedTypeOf(type: TypeNode): NamedTypeNode {
  return type.kind === Kind.NAMED_TYPE ? type : namedTypeOf(type.type);
}

/** The type with another named type inside the same lists and non-nulls. */
export function withNamedType(type: TypeNode, name: string): TypeNode {
  if (type.kind === Kind.NAMED_TYPE) return { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } };
  if (type.kind === Kind.LIST_TYPE) return { kind: Kind.LIST_TYPE, type: withNamedType(type.type, name) };
  return { kind: Kind.NON_NULL_TYPE, type: withNamedType(type.type, name) as NamedTypeNode };
}

export function stringNode(value: string): StringValueNode {
  return { kind: Kind.STRING, value, block: value.includes('\n') };
}
