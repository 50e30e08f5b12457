import { type DocumentNode, Kind, print } from 'graphql';
import { printDefinitions } from '../lib/print-sdl.ts';
import { directiveNode } from '../lib/sdl.ts';
import type { SourceProduct } from './handlers.ts';

/**
 * The text of a source schema: a header with the hash of what it was made from, then definitions in a fixed order, so that
 * a contract whose paths are written in another order gives the same text.
 */
export function printSource(name: string, hash: string, product: SourceProduct, document: DocumentNode): string {
  const transport = directiveNode('transport', {
    subgraph: name,
    kind: product.kind,
    location: product.contractServers[0],
    options: product.roots ? { roots: product.roots } : undefined,
  });
  const schema = print({
    kind: Kind.SCHEMA_EXTENSION,
    directives: [transport],
    operationTypes: [],
  });
  return `# source ${name} ${hash}\n${schema}\n\n${printDefinitions(document)}\n`;
}
