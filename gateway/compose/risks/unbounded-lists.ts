import type { FieldDefinitionNode } from 'graphql';
import type { Finding } from '../../lib/findings.ts';
import { directivesNamed } from '../../lib/sdl.ts';
import type { SourceDocument } from '../documents.ts';
import { type Argument, readArguments } from '../propose/arguments.ts';
import { labelOf, nounOf } from '../propose/operations.ts';
import { wordsOf } from '../propose/phrases.ts';
import { findRows, isList } from '../propose/rows.ts';

/** Words of arguments that bound or continue a list, wherever they stand in a name. */
const BOUNDS = new Set(['limit', 'offset', 'page', 'paging', 'pagination', 'cursor', 'skip', 'take', 'top', 'max']);
/** Names that say so only when they stand alone: `createdAfter` is a filter. */
const ALONE = new Set(['after', 'before', 'first', 'last', 'count', 'size', 'marker', 'starting after', 'next token']);

/** Root fields of Query that answer a list, or a page of one, and take nothing that bounds it. */
export function findUnboundedLists(source: SourceDocument): Finding[] {
  return (source.roots.get('Query') ?? []).flatMap((field) => {
    const [http] = directivesNamed(field, 'httpOperation');
    const [grpc] = directivesNamed(field, 'grpcMethod');
    // A stream that is shown as a list has a limit of its own (operations.<field>.maxItems), and a map is one value.
    const isOther = grpc?.['responseStream'] === true || directivesNamed(field, 'dictionary').length > 0;
    if (isOther || !answersList(source, field)) return [];
    const params = Array.isArray(http?.['params']) ? http['params'] : [];
    const args = readArguments(field.arguments ?? [], source.types, params);
    if (args.some((arg) => isBound(arg, grpc !== undefined))) return [];
    return [{ at: `Query.${field.name.value}`, text: `${labelOf(field)} answers a list and takes no limit` }];
  });
}

function answersList({ types }: SourceDocument, field: FieldDefinitionNode): boolean {
  return isList(field.type) || findRows(types, field.type, nounOf(field))?.many === true;
}

/** @param loose whether the contract cannot say that an argument is required (proto3) */
function isBound({ name, key, many, required }: Argument, loose: boolean): boolean {
  // Who gives the keys knows how many rows there can be.
  if (many && key && (required || loose)) return true;
  const list = wordsOf(name);
  return list.some((word) => BOUNDS.has(word)) || ALONE.has(list.join(' '));
}
