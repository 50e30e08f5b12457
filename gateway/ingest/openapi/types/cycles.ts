/** Inputs that must hold themselves can never be written (GraphQL spec §3.10, "Circular References"): one link of the circle is let go. */
import { type InputObjectTypeDefinitionNode, Kind, type TypeDefinitionNode } from 'graphql';

/** Makes required fields optional where a circle of them has no end. In place; gives the keys of the types that were changed. */
export function breakInputCycles(built: Map<string, TypeDefinitionNode>): string[] {
  const changed = new Set<string>();
  const done = new Set<string>();
  const open = new Set<string>();

  function visit(key: string): void {
    const node = built.get(key);
    if (done.has(key) || node?.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION) return;
    open.add(key);
    for (const { name } of node.fields ?? []) {
      const target = requiredInput(built.get(key) as InputObjectTypeDefinitionNode, name.value);
      if (target === undefined) continue;
      if (open.has(target)) {
        built.set(key, relaxed(built.get(key) as InputObjectTypeDefinitionNode, name.value));
        changed.add(key);
      } else visit(target);
    }
    open.delete(key);
    done.add(key);
  }

  for (const key of [...built.keys()].sort()) visit(key);
  return [...changed];
}

/** The input that a field must hold; undefined for lists, which may be empty, and for optional fields. */
function requiredInput(node: InputObjectTypeDefinitionNode, field: string): string | undefined {
  const type = node.fields?.find(({ name }) => name.value === field)?.type;
  return type?.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.NAMED_TYPE ? type.type.name.value : undefined;
}

function relaxed(node: InputObjectTypeDefinitionNode, field: string): InputObjectTypeDefinitionNode {
  const fields = (node.fields ?? []).map((each) =>
    each.name.value === field && each.type.kind === Kind.NON_NULL_TYPE ? { ...each, type: each.type.type } : each,
  );
  return { ...node, fields };
}
