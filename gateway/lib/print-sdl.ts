import { type DocumentNode, print, type TypeDefinitionNode } from 'graphql';
import { isRootType } from './ast.ts';

/** Definitions in a fixed order: root types first, the others and all root fields by name. */
export function printDefinitions(document: DocumentNode): string {
  return (document.definitions as TypeDefinitionNode[])
    .map(sortRootFields)
    .filter((node) => !isRootType(node) || ('fields' in node && (node.fields?.length ?? 0) > 0))
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map((node) => print(node))
    .join('\n\n');
}

function sortRootFields(node: TypeDefinitionNode): TypeDefinitionNode {
  if (!isRootType(node) || !('fields' in node) || !node.fields) return node;
  return {
    ...node,
    fields: [...node.fields].sort((a, b) => (a.name.value < b.name.value ? -1 : 1)),
  } as TypeDefinitionNode;
}

function rank(node: TypeDefinitionNode): string {
  return `${['Query', 'Mutation', 'Subscription'].indexOf(node.name.value) + 1 || 9}${node.name.value}`;
}
