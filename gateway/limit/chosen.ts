import { type DocumentNode, type ExecutionArgs, getOperationAST, getVariableValues } from 'graphql';
import { withoutFragments } from '../execute/collect.ts';
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
  return { document: withoutFragments(operation, { fragments, variables }), variables };
}
