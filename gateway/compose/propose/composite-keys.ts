import { Kind, type ObjectTypeDefinitionNode, type TypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import { camelCase } from '../../lib/names.ts';
import type { Argument } from './arguments.ts';
import { singularOf } from './inflect.ts';
import { readKeyName, withoutKind } from './key-name.ts';
import type { Operation } from './operations.ts';
import { endsWithPhrase, typePhrase, withArticle, wordsOf } from './phrases.ts';
import type { Draft } from './proposal.ts';
import { findRowKey, takesNothing } from './row-keys.ts';
import { isList } from './rows.ts';
import { type Sort, sortOf } from './sorts.ts';
import { type Place, phrasesOfType } from './world.ts';

type Part = { name: string; sort: Sort };
/** A way to look rows up by keys of several parts. */
type Composite = {
  operation: Operation;
  parts: readonly Part[];
  keysArg: string | undefined;
  valueKeys: readonly string[];
  bulk: boolean;
};

/** `ShipmentLine.productId` and `warehouseId` → the stock of both: within one source, where all parts have the same names. */
export function proposeCompositeKeys(place: Place): Draft[] {
  const composites = place.operations.flatMap((operation) => readComposite(operation, place.document.types) ?? []);
  if (composites.length === 0) return [];
  const holders = holdersByField(place);
  return composites
    .sort((a, b) => Number(b.bulk) - Number(a.bulk))
    .flatMap((composite) => {
      const [first] = composite.parts;
      return [...(holders.get(first ? wordsOf(first.name).join(' ') : '') ?? [])].flatMap(
        (type) => draftOf(place, type, composite) ?? [],
      );
    });
}

/** Types by the names of the keys they hold. */
function holdersByField({ objects }: Place): Map<string, Set<ObjectTypeDefinitionNode>> {
  const holders = new Map<string, Set<ObjectTypeDefinitionNode>>();
  for (const type of objects) {
    for (const { name } of type.fields ?? []) {
      if (!readKeyName(name.value)) continue;
      const called = wordsOf(name.value).join(' ');
      holders.set(called, (holders.get(called) ?? new Set()).add(type));
    }
  }
  return holders;
}

function readComposite(operation: Operation, types: Place['document']['types']): Composite | undefined {
  return bulkComposite(operation, types) ?? singleComposite(operation, types);
}

/** A list of objects that are all keys: `keys: [{ productId, warehouseId }]`. */
function bulkComposite(operation: Operation, types: ReadonlyMap<string, TypeDefinitionNode>): Composite | undefined {
  const { args, rows } = operation;
  const [arg, second] = args.filter(({ input, many, required }) => required || (many && input !== undefined));
  if (!arg?.input || !arg.many || second || !rows.many) return undefined;
  const node = types.get(arg.input);
  const fields = node?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? (node.fields ?? []) : [];
  const parts = fields.map(({ name, type }) => partOf(name.value, sortOf(namedTypeOf(type).name.value), isList(type)));
  return finish(operation, types, parts, arg.path, true);
}

/** All that has to be given are keys: `/projects/{projectId}/issues/{issueId}`, `GetStock(product_id, warehouse_id)`. */
function singleComposite(operation: Operation, types: ReadonlyMap<string, TypeDefinitionNode>): Composite | undefined {
  const { args, rows, looseArguments, path, noun } = operation;
  const keys = args.filter((arg) => arg.required || (looseArguments && arg.key !== undefined));
  if (rows.many || (path.length > 0 && (path.at(-1) !== '{}' || !keys.every(({ inPath }) => inPath)))) return undefined;
  const above = new Set(keys.map(aboveOf));
  const [place = ''] = above;
  if (above.size !== 1) return undefined;
  const parts = keys.map(({ name, sort, many }) => partOf(name, sort, many));
  // The end of a path names the row: `/courses/{courseId}/students/{userId}` answers no user.
  const last = keys.at(-1)?.key?.phrase ?? '';
  const called = [noun, typePhrase(rows.type)];
  if (path.length > 0 && !called.some((each) => endsWithPhrase(each, last) || endsWithPhrase(last, each)))
    return undefined;
  return finish(operation, types, parts, place === '' ? undefined : place, false);
}

/** The input an argument stands in: `input` of `input.productId`. */
function aboveOf({ path, name }: Argument): string {
  return path.slice(0, -name.length - 1);
}

function partOf(name: string, sort: Sort | undefined, many: boolean): Part | undefined {
  const key = readKeyName(name);
  return sort && !many && key && !key.many && key.phrase !== '' ? { name, sort } : undefined;
}

function finish(
  operation: Operation,
  types: ReadonlyMap<string, TypeDefinitionNode>,
  found: readonly (Part | undefined)[],
  keysArg: string | undefined,
  bulk: boolean,
): Composite | undefined {
  const parts = found.filter((part) => part !== undefined);
  if (parts.length < 2 || parts.length < found.length) return undefined;
  const valueKeys = parts.flatMap(({ name, sort }) => {
    const key = findRowKey(types, operation.rows.type, [name]);
    return key?.declared && key.sort === sort ? [key.path] : [];
  });
  return valueKeys.length === parts.length ? { operation, parts, keysArg, valueKeys, bulk } : undefined;
}

function draftOf(place: Place, type: ObjectTypeDefinitionNode, composite: Composite): Draft | undefined {
  const { operation, parts, keysArg, valueKeys, bulk } = composite;
  const { rows, title, noun } = operation;
  const thing = typePhrase(rows.type);
  const own = phrasesOfType(place, type.name.value);
  const phrase = readKeyName(parts.at(-1)?.name ?? '')?.phrase ?? '';
  if (type.name.value === rows.type || own.has(thing) || own.has(noun)) return undefined;
  if ([...own].some((each) => endsWithPhrase(each, phrase))) return undefined;
  const keyFields = parts.flatMap(({ name, sort }) => {
    const called = wordsOf(name).join(' ');
    const field = (type.fields ?? []).find((each) => wordsOf(each.name.value).join(' ') === called);
    const fits =
      field && !isList(field.type) && takesNothing(field) && sortOf(namedTypeOf(field.type).name.value) === sort;
    return field && fits ? [field.name.value] : [];
  });
  if (keyFields.length < parts.length) return undefined;
  const last = title.at(-1) ?? '';
  const field =
    operation.path.length > 0
      ? withoutKind(keyFields.at(-1) ?? '')
      : camelCase([...title.slice(0, -1), singularOf(last)].join(' '));
  const called = wordsOf(field).join(' ');
  const taken = (type.fields ?? []).some(
    (each) => wordsOf(each.name.value).join(' ') === called || typePhrase(namedTypeOf(each.type).name.value) === thing,
  );
  if (field === '' || taken) return undefined;
  return {
    source: place.name,
    type: type.name.value,
    field,
    answer: rows.type,
    target: {
      source: place.name,
      field: operation.name,
      ...(keysArg === undefined ? {} : { keysArg }),
      keysArgFields: parts.map(({ name }) => name),
      valueKeyFields: valueKeys,
      ...(rows.path.length > 0 ? { result: rows.path.join('.') } : {}),
    },
    keyFields,
    many: false,
    bulk,
    confidence: bulk ? 0.88 : 0.82,
    reasons: [
      `${operation.label} answers ${withArticle(thing)} by ${parts.map(({ name }) => name).join(' and ')}`,
      `${type.name.value} has all of them under the same names, and so have the rows`,
      ...(bulk ? [`${String(keysArg)} takes many at once`] : []),
    ],
    text: `The ${thing} of ${keyFields.join(' and ')}`,
    passed: [],
  };
}
