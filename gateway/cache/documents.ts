import { createHash } from 'node:crypto';
import { type DocumentNode, print } from 'graphql';
import { asksForParts } from '../execute/in-parts.ts';

/** What is to be known of a document, once for as long as somebody else remembers it. */
export type DocumentFacts = {
  /** Stands for its text; white space and comments make no difference. */
  readonly hash: string;
  /** Whether it asks for an answer in parts. */
  readonly inParts: boolean;
  /** Whether it uses names under which the gateway asks for more than the client does. */
  readonly isOdd: boolean;
};

export function createDocuments(): (document: DocumentNode) => DocumentFacts {
  const known = new WeakMap<DocumentNode, DocumentFacts>();
  return (document) => {
    let facts = known.get(document);
    if (!facts) {
      const text = print(document);
      facts = {
        hash: createHash('sha256').update(text).digest('hex'),
        inParts: asksForParts(document),
        isOdd: text.includes('__responseCache'),
      };
      known.set(document, facts);
    }
    return facts;
  };
}
