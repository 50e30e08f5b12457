import { Kind, type ObjectTypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import { camelCase, graphqlName } from '../../lib/names.ts';
import type { Argument } from './arguments.ts';
import { examplesAgree, isEverywhere } from './evidence.ts';
import { singularOf } from './inflect.ts';
import type { Lookup } from './lookups.ts';
import { endsInParam, needsMore, type Operation, paramCount } from './operations.ts';
import { pageCaveats, pagingOf } from './paging.ts';
import { endsWithPhrase, typePhrase, withArticle, wordsOf } from './phrases.ts';
import type { Draft } from './proposal.ts';
import { findOwnerKey, type RowKey } from './row-keys.ts';
import { isList } from './rows.ts';
import { findThing, type Place, type World } from './world.ts';

type Owner = { lookup: Lookup; far: boolean; fit: number };

/** `orders(customerIds)` → `Customer.orders`: rows that say whose they are, and what stands below a thing's path. */
export function proposeOwnedRows(world: World, place: Place): Draft[] {
  return place.operations.flatMap((operation) =>
    operation.args.flatMap((arg) => {
      if (!arg.sort || needsMore(operation, arg) || isOwnKey(place, operation, arg)) return [];
      const draft = below(world, place, operation, arg) ?? byFilter(world, place, operation, arg);
      return draft ? [draft] : [];
    }),
  );
}

function isOwnKey(place: Place, operation: Operation, arg: Argument): boolean {
  return place.lookups.some((lookup) => lookup.operation === operation && lookup.arg === arg);
}

/** `/customers/{id}/orders`: what follows a thing's own path is the thing's. */
function below(world: World, place: Place, operation: Operation, arg: Argument): Draft | undefined {
  const { path, rows } = operation;
  if (!arg.inPath || path.length < 3 || paramCount(operation) !== 1 || path.at(-2) !== '{}') return undefined;
  const lookup = place.byPath.get(path.slice(0, -1).join('/'));
  if (!lookup || lookup.operation.rows.many || lookup.arg.sort !== arg.sort) return undefined;
  const thing = typePhrase(rows.type);
  const fits = endsWithPhrase(thing, operation.noun) || endsWithPhrase(operation.noun, thing);
  const last = operation.title.at(-1) ?? '';
  if (!path.at(-1)?.toLowerCase().includes(last)) return undefined;
  const isPlural = singularOf(last) !== last;
  if (rows.many ? !fits && !isPlural : !fits || isPlural || rows.type === lookup.operation.rows.type) return undefined;
  const key = lookup.said === '' ? lookup.operation.noun : lookup.said;
  const rowKey = findOwnerKey(place.document.types, rows.type, key, lookup.kind);
  return draftOf(world, place, operation, arg, { lookup, far: false, fit: fits ? 3 : 2 }, rowKey, [
    `${operation.label} stands below ${lookup.operation.label}`,
  ]);
}

/** `orders(customerIds)`: the argument says whose, and so does each row. */
function byFilter(world: World, place: Place, operation: Operation, arg: Argument): Draft | undefined {
  const { rows, looseArguments } = operation;
  const { key, sort } = arg;
  if (!key || !sort || key.phrase === '' || key.many !== arg.many || !rows.many || endsInParam(operation))
    return undefined;
  if (looseArguments && operation.args.some((other) => other !== arg && other.key !== undefined)) return undefined;
  const found = findThing(world, place, { phrase: key.phrase, kind: key.kind, sort });
  const rowKey = findOwnerKey(place.document.types, rows.type, key.phrase, key.kind);
  if (!found || found.fit < 2 || !rowKey || rowKey.sort !== sort || !rowKey.declared) return undefined;
  const agree = examplesAgree(rowKey.node, found.lookup.rowKey.node);
  if (agree === false) return undefined;
  if (
    found.far &&
    found.named !== true &&
    agree !== true &&
    isEverywhere(found.lookup.thing, found.lookup.operation.source)
  )
    return undefined;
  return draftOf(world, place, operation, arg, found, rowKey, [
    `${operation.label} takes the key of ${withArticle(found.lookup.thing)} as ${arg.path}`,
    `each row says whose it is: ${rowKey.path}`,
    ...(found.far ? [`no other source has ${withArticle(found.lookup.thing)}`] : []),
  ]);
}

function draftOf(
  world: World,
  place: Place,
  operation: Operation,
  arg: Argument,
  { lookup, far, fit }: Owner,
  rowKey: RowKey | undefined,
  reasons: string[],
): Draft | undefined {
  const { rows } = operation;
  const owner = world.places.get(lookup.operation.source)?.document.types.get(lookup.operation.rows.type);
  if (owner?.kind !== Kind.OBJECT_TYPE_DEFINITION || operation.title.length === 0) return undefined;
  const name = nameOf(operation, lookup);
  if (isTaken(owner, name, rows)) return undefined;
  const bulk = arg.many;
  const agree = rowKey && examplesAgree(rowKey.node, lookup.rowKey.node);
  const sure =
    0.8 + (fit - 2) * 0.06 + (bulk ? 0.05 : 0) + (rowKey ? 0.04 : 0) + (agree === true ? 0.03 : 0) - (far ? 0.1 : 0);
  return {
    source: lookup.operation.source,
    type: owner.name.value,
    field: name,
    answer: rows.type,
    target: {
      source: place.name,
      field: operation.name,
      keysArg: arg.path,
      valueKeyFields: rowKey?.declared ? [rowKey.path] : [],
      ...(rows.path.length > 0 ? { result: rows.path.join('.') } : {}),
    },
    keyFields: [lookup.rowKey.path],
    many: rows.many,
    bulk,
    confidence: Math.min(0.99, Math.round(sure * 100) / 100),
    reasons: [
      ...reasons,
      ...(bulk ? [`${arg.path} takes many at once`, ...pageCaveats(operation)] : []),
      ...(agree === true ? ['the examples of both look alike'] : []),
    ],
    text: `What ${operation.name} answers of this ${lookup.thing}`,
    passed: bulk || !rows.many ? [] : pagingOf(operation, arg),
  };
}

/** The title of the operation, in the owner's convention. */
function nameOf({ title, args }: Operation, { rowKey }: Lookup): string {
  const snake = [rowKey.path, ...args.map(({ name }) => name)].some((name) => /[a-z]_[a-z]/.test(name));
  return snake ? graphqlName(title.join('_')) : camelCase(title.join(' '));
}

/** Whether the owner has a field of that name, or one that gives such rows already. */
function isTaken(owner: ObjectTypeDefinitionNode, name: string, { many, type }: Operation['rows']): boolean {
  const called = wordsOf(name).join(' ');
  const thing = typePhrase(type);
  return (owner.fields ?? []).some((field) => {
    const inner = namedTypeOf(field.type).name.value;
    return (
      wordsOf(field.name.value).join(' ') === called || (isList(field.type) === many && typePhrase(inner) === thing)
    );
  });
}
