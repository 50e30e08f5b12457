import { type DocumentNode, Kind, type TypeDefinitionNode, visit } from 'graphql';
import { isRootType } from '../lib/ast.ts';
import { addTo } from '../lib/multi-map.ts';

/** Leaves only what can be reached from the root types; implementations of a reached interface count as reached. */
export function prune(document: DocumentNode): DocumentNode {
  const definitions = document.definitions.filter(
    (node): node is TypeDefinitionNode => 'name' in node && node.kind !== Kind.DIRECTIVE_DEFINITION,
  );
  const byName = new Map(definitions.map((node) => [node.name.value, node]));
  const implementors = new Map<string, string[]>();
  for (const node of definitions) {
    for (const parent of 'interfaces' in node ? (node.interfaces ?? []) : []) {
      addTo(implementors, parent.name.value, node.name.value);
    }
  }
  const reached = new Set<string>();
  const queue = definitions
    .filter((node) => isRootType(node) && 'fields' in node && (node.fields?.length ?? 0) > 0)
    .map((node) => node.name.value);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const node = byName.get(name);
    if (!node || reached.has(name)) continue;
    reached.add(name);
    queue.push(...(implementors.get(name) ?? []));
    visit(node, { NamedType: ({ name: used }) => void queue.push(used.value) });
  }
  return { kind: Kind.DOCUMENT, definitions: definitions.filter((node) => reached.has(node.name.value)) };
}
