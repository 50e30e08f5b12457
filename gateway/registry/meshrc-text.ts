/** `.meshrc.yaml` as text that people wrote: changed without losing comments and layout. */
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { GatewayError } from '../errors.ts';

export const MESHRC = '.meshrc.yaml';

/**
 * The text with another list of sources.
 * @throws GatewayError BAD_REQUEST when it cannot be read or has no such list
 */
export function editSources(text: string, edit: (sources: YAMLSeq, document: Document) => void): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error)
    throw new GatewayError('BAD_REQUEST', { message: `${MESHRC} cannot be read: ${error.message.split('\n')[0]}` });
  const sources = document.get('sources');
  if (!isSeq(sources)) throw new GatewayError('BAD_REQUEST', { message: `${MESHRC} has no list \`sources\`.` });
  // An empty list is written as [] and would stay on one line.
  sources.flow = false;
  edit(sources, document);
  return document.toString({ lineWidth: 0 });
}

/** The entry of a source in the list. */
export function findEntry(sources: YAMLSeq, name: string): YAMLMap | undefined {
  return sources.items.find((item): item is YAMLMap => isMap(item) && item.get('name') === name);
}

/** Puts another value in the place of an entry, or adds it. */
export function putEntry(sources: YAMLSeq, document: Document, entry: { name: string }): void {
  const node = document.createNode(entry);
  const old = findEntry(sources, entry.name);
  if (old?.commentBefore) node.commentBefore = old.commentBefore;
  if (old) sources.items[sources.items.indexOf(old)] = node;
  else sources.add(node);
}

/** Takes an entry out, where it is. */
export function dropEntry(sources: YAMLSeq, name: string): void {
  const entry = findEntry(sources, name);
  if (entry) sources.items.splice(sources.items.indexOf(entry), 1);
}
