import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { Kind } from 'graphql';

/** What stands in a document: the same as long as the document is. */
export type DocumentParts = {
  readonly operations: readonly OperationDefinitionNode[];
  /** By name. */
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
};

const known = new WeakMap<DocumentNode, DocumentParts>();

export function readDocument(document: DocumentNode): DocumentParts {
  let parts = known.get(document);
  if (!parts) {
    const operations: OperationDefinitionNode[] = [];
    const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
    for (const each of document.definitions) {
      if (each.kind === Kind.OPERATION_DEFINITION) operations.push(each);
      if (each.kind === Kind.FRAGMENT_DEFINITION) fragments[each.name.value] = each;
    }
    parts = { operations, fragments };
    known.set(document, parts);
  }
  return parts;
}
