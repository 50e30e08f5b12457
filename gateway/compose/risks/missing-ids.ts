import { Kind } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import type { Finding } from '../../lib/findings.ts';
import { readKeyName } from '../propose/key-name.ts';
import type { Operation } from '../propose/operations.ts';
import { typePhrase, wordsOf } from '../propose/phrases.ts';
import { fieldsOfRow } from '../propose/row-keys.ts';
import { isList } from '../propose/rows.ts';
import { sortOf } from '../propose/sorts.ts';
import type { Place } from '../propose/world.ts';

/**
 * Types of which root fields answer several, or one by what it is asked for, and that have no field like a key: nothing can be
 * joined to them, and no cache knows them again.
 */
export function findMissingIds(place: Place): Finding[] {
  const byType = new Map<string, Operation[]>();
  for (const operation of place.operations) {
    const { type, many } = operation.rows;
    if (many || operation.args.length > 0) byType.set(type, [...(byType.get(type) ?? []), operation]);
  }
  return [...byType].flatMap(([type, operations]) => {
    if (place.document.types.get(type)?.kind !== Kind.OBJECT_TYPE_DEFINITION || hasKey(place, type, operations))
      return [];
    const [first] = operations;
    return [{ at: type, text: `answered by ${first?.label}, has no field like an id` }];
  });
}

function hasKey(place: Place, type: string, operations: readonly Operation[]): boolean {
  return fieldsOfRow(place.document.types, type).some((field) => {
    if (isList(field.type) || sortOf(namedTypeOf(field.type).name.value) === undefined) return false;
    const key = readKeyName(field.name.value);
    // The number of something else is seldom a key: `pageNumber`.
    if (key && (key.kind !== 'number' || key.phrase === '' || key.phrase === typePhrase(type))) return true;
    // A name is a key where things are got by it (AIP-122).
    return wordsOf(field.name.value).at(-1) === 'name' && operations.some(isGotByName);
  });
}

function isGotByName({ rows, args }: Operation): boolean {
  return !rows.many && args.some(({ name, many }) => !many && wordsOf(name).at(-1) === 'name');
}
