import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type NamedTypeNode,
  type TypeDefinitionNode,
  visit,
} from 'graphql';
import { isRootType } from '../lib/ast.ts';
import { pascalCase, uniqueName } from '../lib/names.ts';
import { directiveNode, nameNode, renameMembers } from '../lib/sdl.ts';

/** Names a policy gives; keys are names as they would stand in the schema without it. */
export type NamePolicy = {
  types: Readonly<Record<string, string>>;
  fields: Readonly<Record<string, string>>;
};

/** Scalars that keep their meaning under our own names (architecture: read from the wire without loss). */
const SCALARS: Readonly<Record<string, string>> = {
  BigInt: 'Int64',
  Byte: 'Bytes',
  File: 'Bytes',
  UnsignedInt: 'UInt32',
};
const BUILT_IN = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);

/**
 * Gives every type its name: readable (`Customer_Input` → `CustomerInput`), unique within the source, then as the policy says.
 * @returns the renamed document and which name became which
 */
export function nameTypes(
  document: DocumentNode,
  policy: NamePolicy,
  readableName: (name: string) => string | undefined,
  source: string,
): {
  document: DocumentNode;
  renamed: { from: string; to: string; reason: string }[];
  types: ReadonlyMap<string, string>;
} {
  const renamed: { from: string; to: string; reason: string }[] = [];
  const types = new Map<string, string>();
  const taken = new Set<string>();
  const definitions = document.definitions.filter(
    (node): node is TypeDefinitionNode => 'name' in node && node.name !== undefined,
  );
  for (const node of definitions) if (isRootType(node)) taken.add(node.name.value);
  // Names that are good already go first, so that a made name gives way to a written one.
  const order = [...definitions].sort(
    (a, b) => Number(isGood(b.name.value)) - Number(isGood(a.name.value)) || (a.name.value < b.name.value ? -1 : 1),
  );
  for (const node of order) {
    const old = node.name.value;
    if (taken.has(old) && isRootType(node)) continue;
    const ours = node.kind === Kind.SCALAR_TYPE_DEFINITION ? SCALARS[old] : undefined;
    const readable = ours ?? readableName(old) ?? pascalCase(old);
    const wanted = policy.types[readable] ?? readable;
    const name = uniqueName(wanted, taken);
    types.set(old, name);
    if (name !== readable)
      renamed.push({
        from: readable,
        to: name,
        reason: name === wanted ? 'policy.yaml' : 'the name is used twice in the contract',
      });
  }
  return { document: rename(document, types, policy, source), renamed, types };
}

function isGood(name: string): boolean {
  return pascalCase(name) === name;
}

function rename(
  document: DocumentNode,
  types: ReadonlyMap<string, string>,
  policy: NamePolicy,
  source: string,
): DocumentNode {
  const renamed = visit(document, {
    NamedType: (node): NamedTypeNode | undefined => {
      const name = types.get(node.name.value);
      return name === undefined || name === node.name.value ? undefined : { ...node, name: nameNode(name) };
    },
    Directive: (node) => renameMembers(node as ConstDirectiveNode, (name) => types.get(name) ?? name),
  });
  const definitions = renamed.definitions.map((node) => {
    if (!('name' in node) || node.name === undefined || node.kind === Kind.DIRECTIVE_DEFINITION) return node;
    const name = types.get(node.name.value) ?? node.name.value;
    return renameFields({ ...node, name: nameNode(name) } as TypeDefinitionNode, policy, source);
  });
  return { ...renamed, definitions };
}

/** `names.fields: { "Order.state": status }`: the wire name stays on the field. Root fields keep theirs in their own directive. */
function renameFields(node: TypeDefinitionNode, policy: NamePolicy, source: string): TypeDefinitionNode {
  if (!('fields' in node) || !node.fields) return node;
  const fields = [...node.fields].map((field) => {
    const to = policy.fields[`${node.name.value}.${field.name.value}`];
    if (to === undefined) return field;
    const known = isRootType(node) || field.directives?.some(({ name }) => name.value === 'resolveRootField');
    const directives = known
      ? field.directives
      : [...(field.directives ?? []), directiveNode('resolveRootField', { subgraph: source, field: field.name.value })];
    return { ...field, name: nameNode(to), directives };
  });
  return { ...node, fields } as TypeDefinitionNode;
}

export function isBuiltInScalar(name: string): boolean {
  return BUILT_IN.has(name);
}
