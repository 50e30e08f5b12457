import { BREAK, type DocumentNode, visit } from 'graphql';

const known = new WeakMap<DocumentNode, boolean>();

/** Whether a document asks for parts of an answer later (`@defer`, `@stream`); known as long as the document is. */
export function asksForParts(document: DocumentNode): boolean {
  let asks = known.get(document);
  if (asks === undefined) {
    asks = false;
    if (document.loc?.source.body.includes('@') !== false)
      visit(document, {
        Directive({ name: { value } }) {
          if (value !== 'defer' && value !== 'stream') return undefined;
          asks = true;
          return BREAK;
        },
      });
    known.set(document, asks);
  }
  return asks;
}
