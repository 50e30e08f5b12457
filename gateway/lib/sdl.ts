import { type ConstDirectiveNode, type ConstValueNode, Kind, type NameNode, valueFromASTUntyped } from 'graphql';

/** A directive applied to something, in plain values. */
export type AppliedDirective = { name: string; args: Readonly<Record<string, unknown>> };

type MaybeDirectives = { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined;

/** Every use of the directive `name` on a definition, arguments as plain values. Long integers stay strings of digits. */
export function directivesNamed(node: MaybeDirectives, name: string): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  for (const directive of node?.directives ?? []) {
    if (directive.name.value === name) found.push(directiveArgs(directive));
  }
  return found;
}

/** The arguments of one applied directive as plain values. */
export function directiveArgs(directive: ConstDirectiveNode): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const arg of directive.arguments ?? []) args[arg.name.value] = valueFromASTUntyped(arg.value);
  return args;
}

/**
 * A `@discriminator` or `@variants` with other names of the types it speaks of; undefined for every other directive. What stands on
 * the wire stays.
 */
export function renameMembers(
  directive: ConstDirectiveNode,
  nameOf: (type: string) => string,
): ConstDirectiveNode | undefined {
  const { name } = directive;
  if (name.value !== 'discriminator' && name.value !== 'variants') return undefined;
  const args = directiveArgs(directive);
  const { mapping, otherwise, members } = args;
  return directiveNode(name.value, {
    ...args,
    ...(Array.isArray(mapping) ? { mapping: mapping.map(([value, type]) => [value, nameOf(String(type))]) } : {}),
    ...(typeof otherwise === 'string' ? { otherwise: nameOf(otherwise) } : {}),
    ...(Array.isArray(members) ? { members: members.map((each) => renameMember(each, nameOf)) } : {}),
  });
}

function renameMember(member: Readonly<Record<string, unknown>>, nameOf: (type: string) => string): object {
  const { type, extends: above } = member;
  return {
    ...member,
    type: nameOf(String(type)),
    ...(Array.isArray(above) ? { extends: above.map((each) => nameOf(String(each))) } : {}),
  };
}

/** A directive node of plain values; arguments that are undefined are left out. */
export function directiveNode(name: string, args: Readonly<Record<string, unknown>>): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: nameNode(name),
    arguments: Object.entries(args)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ({ kind: Kind.ARGUMENT, name: nameNode(key), value: valueNode(value) })),
  };
}

/** A value as a GraphQL literal. Keys of objects that are no GraphQL names are refused by the caller's tests: use lists of pairs. */
export function valueNode(value: unknown): ConstValueNode {
  if (value === null || value === undefined) return { kind: Kind.NULL };
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (typeof value === 'number') {
    return Number.isInteger(value)
      ? { kind: Kind.INT, value: String(value) }
      : { kind: Kind.FLOAT, value: String(value) };
  }
  if (Array.isArray(value)) return { kind: Kind.LIST, values: value.map(valueNode) };
  if (typeof value === 'object') {
    return {
      kind: Kind.OBJECT,
      fields: Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .map(([key, inner]) => ({ kind: Kind.OBJECT_FIELD, name: nameNode(key), value: valueNode(inner) })),
    };
  }
  return { kind: Kind.STRING, value: String(value) };
}

export function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value };
}
