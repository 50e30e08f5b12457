import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  getVariableValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { isIncluded, type SelectionScope } from '../execute/collect.ts';
import { readDocument } from '../execute/document.ts';

/** What of a document is counted. */
export type Chosen = {
  /** The operation that was chosen: without what it skips, and with each fragment's fields where the fragment is used. */
  readonly document: DocumentNode;
  /** Coerced values of its variables, defaults among them. */
  readonly variables: Readonly<Record<string, unknown>>;
};

/** @returns undefined where the engine will refuse the operation: it is not there, or a variable is not of its type */
export function chosenOf({ schema, document, operationName, variableValues }: ExecutionArgs): Chosen | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const definitions = operation.variableDefinitions ?? [];
  const { coerced: variables } = getVariableValues(schema, definitions, variableValues ?? {}, { maxErrors: 1 });
  if (!variables) return undefined;
  const { fragments } = readDocument(document);
  const selectionSet = opened(operation.selectionSet, { fragments, variables });
  return { document: { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }] }, variables };
}

/** How large that gets is bounded by `operationLimits.fields`, which counts through fragments, too. */
function opened(set: SelectionSetNode, scope: Pick<SelectionScope, 'fragments' | 'variables'>): SelectionSetNode {
  const selections = set.selections.flatMap((node): SelectionNode[] => {
    if (!isIncluded(node, scope.variables)) return [];
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = scope.fragments[node.name.value];
      if (!fragment) return [];
      const { typeCondition, selectionSet } = fragment;
      return [{ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet: opened(selectionSet, scope) }];
    }
    return node.selectionSet ? [{ ...node, selectionSet: opened(node.selectionSet, scope) }] : [node];
  });
  return { ...set, selections };
}
