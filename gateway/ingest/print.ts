import { type DocumentNode, Kind, type ObjectTypeExtensionNode, print } from 'graphql';
import { printDefinitions } from '../lib/print-sdl.ts';
import { directiveNode } from '../lib/sdl.ts';
import type { SourceProduct } from './handlers.ts';

/**
 * The text of a source schema: a header with the hash of what it was made from, then definitions in a fixed order and the joins that the contract itself makes, so that
 * a contract whose paths are written in another order gives the same text.
 */
export function printSource(
  name: string,
  hash: string,
  product: SourceProduct,
  document: DocumentNode,
  links: readonly ObjectTypeExtensionNode[],
): string {
  const transport = directiveNode('transport', {
    subgraph: name,
    kind: product.kind,
    location: product.contractServers[0],
    options: product.roots ? { roots: product.roots } : product.options,
  });
  const schema = print({
    kind: Kind.SCHEMA_EXTENSION,
    directives: [transport],
    operationTypes: [],
  });
  return `# source ${name} ${hash}\n${[schema, printDefinitions(document), ...links.map(print)].join('\n\n')}\n`;
}
