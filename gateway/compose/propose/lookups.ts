import type { SourceDocument } from '../documents.ts';
import type { Argument } from './arguments.ts';
import { readKeyName } from './key-name.ts';
import { endsInParam, needsMore, type Operation, paramCount } from './operations.ts';
import { endsWithPhrase, phraseOf, typePhrase, wordsOf } from './phrases.ts';
import { findRowKey, type RowKey } from './row-keys.ts';

/** An operation that answers things by their own key. */
export type Lookup = {
  operation: Operation;
  arg: Argument;
  kind: string;
  /** The phrase in the argument's name; empty where it only says `id`. */
  said: string;
  /** What the rows are by the name of their type. */
  thing: string;
  /** Where a row holds the key it was asked by. */
  rowKey: RowKey;
  bulk: boolean;
};

/** Every way in which an operation looks rows up by their own key; a list of keys comes first. */
export function readLookups(operation: Operation, { types }: SourceDocument): Lookup[] {
  return operation.args
    .filter((arg) => arg.sort !== undefined && !needsMore(operation, arg) && isAlone(operation, arg))
    .flatMap((arg) => readLookup(operation, arg, types) ?? [])
    .sort((a, b) => Number(b.bulk) - Number(a.bulk));
}

function readLookup(operation: Operation, arg: Argument, types: SourceDocument['types']): Lookup | undefined {
  const { noun, rows, path } = operation;
  const key = keyOf(operation, arg);
  if (!key) return undefined;
  const thing = typePhrase(rows.type);
  const own = [noun, thing].some((phrase) => key.phrase === '' || endsWithPhrase(phrase, key.phrase));
  // A key in the path is the rows' own only at its end: what follows it belongs to what it names.
  const inPlace = path.length === 0 || paramCount(operation) === 0 || (arg.inPath && endsInParam(operation));
  // One key that gives a list gives what belongs to it, unless the rows are called like it: `/changes/organization/{organizationId}`.
  if (rows.many && !arg.many && !endsWithPhrase(thing, key.phrase === '' ? noun : key.phrase)) return undefined;
  // `InventoryBySku` is no sku, though `/inventory/skus/{sku}` answers it.
  const saysHow = wordsOf(rows.type).indexOf('by') > 0;
  if (saysHow && !endsWithPhrase(noun, thing) && !endsWithPhrase(thing, noun)) return undefined;
  if (!own || !inPlace || (arg.many ? !rows.many : rows.many && !arg.required)) return undefined;
  const { kind } = key;
  const names = [...(key.phrase === '' ? [] : [`${key.phrase} ${kind}`]), kind, `${noun} ${kind}`, `${thing} ${kind}`];
  const rowKey = findRowKey(types, rows.type, names);
  if (!rowKey || !isSame(rowKey, arg)) return undefined;
  // Rows of many keys are matched by a field that their type declares, and GraphQL sources are asked for it.
  if (!rowKey.declared && (arg.many || path.length === 0)) return undefined;
  return { operation, arg, kind, said: key.phrase, thing, rowKey, bulk: arg.many };
}

/** The key an argument takes. `/customers/{customer}` takes ids, where nothing says that it takes names. */
function keyOf({ noun, path }: Operation, arg: Argument): { phrase: string; kind: string } | undefined {
  if (arg.key) return arg.key;
  if (!arg.inPath || path.length === 0 || phraseOf(arg.name) !== noun) return undefined;
  const said = arg.node.description?.value ?? '';
  if (/\b(name|slug|login|handle|code|e-?mail|title)\b/i.test(said) && !/\b(id|identifier|uuid)\b/i.test(said))
    return undefined;
  return { phrase: noun, kind: 'id' };
}

/** Where it is not said that a key is required, a second one means that both may be. */
function isAlone({ looseArguments, args, rows }: Operation, arg: Argument): boolean {
  if (!looseArguments && (arg.required || arg.many || rows.many)) return true;
  return args.every((other) => other === arg || (readKeyName(other.name) === undefined && !other.required));
}

/** A text in a path may stand for a number; nothing else is taken for something else. */
function isSame(rowKey: RowKey, arg: Argument): boolean {
  return rowKey.sort === arg.sort || (arg.inPath && arg.sort === 'text');
}
