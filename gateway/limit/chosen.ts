/** What of a document is counted: the operation that was chosen, without what it skips. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentSpreadNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  getOperationAST,
  type InlineFragmentNode,
  separateOperations,
  visit,
} from 'graphql';

export type Chosen = (
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>> | undefined,
) => DocumentNode;

/** A function that gives the document with nothing but the chosen operation and its fragments. Documents are remembered as long as somebody else does. */
export function createChosen(): Chosen {
  const known = new WeakMap<DocumentNode, ReadonlyMap<string, DocumentNode>>();
  return (document, operationName, variables) => {
    let parts = known.get(document);
    if (!parts) {
      parts = new Map(Object.entries(separateOperations(document)));
      known.set(document, parts);
    }
    const name = getOperationAST(document, operationName)?.name?.value ?? '';
    return withoutSkipped(parts.get(name) ?? document, variables ?? {});
  };
}

function withoutSkipped(document: DocumentNode, variables: Readonly<Record<string, unknown>>): DocumentNode {
  const judge = (node: FieldNode | FragmentSpreadNode | InlineFragmentNode): null | undefined => {
    if (!node.directives?.length) return undefined;
    const isSkipped = getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] === true;
    return isSkipped || getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] === false
      ? null
      : undefined;
  };
  return visit(document, { Field: judge, FragmentSpread: judge, InlineFragment: judge });
}
