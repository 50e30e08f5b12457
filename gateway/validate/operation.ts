import { createHash } from 'node:crypto';
import type { DocumentNode } from 'graphql';
import { getOperationAST } from 'graphql';
import type { OperationSlot } from '../context.ts';

/** Of the texts of documents, as long as those are kept. */
const hashes = new WeakMap<DocumentNode, string>();

/**
 * What the request asks for: the operation chosen by name, and the SHA-256 of the document's text in hex, as registries of operations
 * write it. Undefined when the document does not hold exactly the operation asked for.
 */
export function describeOperation(
  document: DocumentNode,
  text: string,
  operationName: string | undefined,
): OperationSlot | undefined {
  const operation = getOperationAST(document, operationName);
  if (operation == null) return undefined;
  let hash = hashes.get(document);
  if (hash === undefined) {
    hash = createHash('sha256').update(text).digest('hex');
    hashes.set(document, hash);
  }
  return { kind: operation.operation, name: operation.name?.value ?? '', hash };
}
