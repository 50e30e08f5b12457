/** What a client takes, by its `accept` header (RFC 9110 §12.5.1). */
import { type DocumentNode, visit } from 'graphql';

/** The media types in which an answer comes in parts. */
export type StreamType = 'text/event-stream' | 'multipart/mixed';

/**
 * Whether the client takes an answer of the type. Read as the engine reads it, which then writes the answer: charsets other than
 * UTF-8 do not count; without a header everything is taken.
 */
export function takes(accept: string | undefined, type: StreamType): boolean {
  const wanted = accept === undefined || accept === '' ? '*/*' : accept.replace(/\s/g, '').toLowerCase();
  const [main] = type.split('/');
  return wanted.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset=')) ?? 'charset=utf-8';
    if (charset !== 'charset=utf-8' || parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) return false;
    return name === type || name === `${main}/*` || name === '*/*';
  });
}

/**
 * Makes the function that takes `@defer` and `@stream` out of documents, for clients that want their answer in one piece. Documents
 * are remembered as long as somebody else does.
 */
export function createInliner(): (document: DocumentNode) => DocumentNode {
  const known = new WeakMap<DocumentNode, DocumentNode>();
  return (document) => {
    let plain = known.get(document);
    if (plain === undefined) {
      plain = visit(document, {
        Directive: ({ name }) => (name.value === 'defer' || name.value === 'stream' ? null : undefined),
      });
      known.set(document, plain);
    }
    return plain;
  };
}
