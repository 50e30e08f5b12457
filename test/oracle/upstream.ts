/** Sources in memory: what they answer is told by what they are asked, holes, wrong values, errors and delays too. */
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import type { RequestContext } from '../../gateway/context.ts';
import { GatewayError } from '../../gateway/errors.ts';
import { mapDirective } from '../../gateway/execute/entries.ts';
import type { Model } from '../../gateway/execute/model.ts';
import { wireName } from '../../gateway/execute/model.ts';
import type { Perform, Wanted } from '../../gateway/execute/perform.ts';
import { directivesNamed } from '../../gateway/lib/sdl.ts';
import { leafOf } from './leaves.ts';
import { type Tape, tapeOf } from './tape.ts';

/** How much goes wrong: 0 is a world where all is as the contract says; a share of 1 in so many otherwise. */
export type Faults = { values: number; rows: number; calls: number; delays: number };

/** What one run asked of its sources. */
export type Ledger = { made: Wanted[]; open: number };
export type OracleContext = RequestContext & { ledger: Ledger };

type World = { model: Model; seed: string; faults: Faults };

const DEEPEST = 5;

/** Answers calls of the model's sources, each time alike. */
export function createUpstream(world: World): Perform {
  return async (context, wanted) => {
    const { ledger } = context as OracleContext;
    ledger.made.push(wanted);
    ledger.open += 1;
    try {
      return await answer(world, wanted);
    } finally {
      ledger.open -= 1;
    }
  };
}

async function answer(world: World, wanted: Wanted): Promise<unknown> {
  const { model, seed, faults } = world;
  const { operation, source } = wanted;
  const tape = tapeOf(`${seed} call ${operation}`);
  if (faults.delays > 0) {
    for (let turns = tape.pick(faults.delays + 1); turns > 0; turns -= 1) await new Promise(setImmediate);
  }
  if (faults.calls > 0 && tape.once(faults.calls)) {
    const code = tape.of(['UPSTREAM_FAILED', 'UPSTREAM_REJECTED', 'UPSTREAM_TIMEOUT'] as const);
    const missing = tape.once(2) ? { extensions: { upstreamStatus: 404 } } : {};
    throw new GatewayError(code, { source, ...missing });
  }
  const field = rootField(model, operation);
  const { ids, id, pairs, ...others } = wanted.args;
  const selection = wanted.selection?.text ? selectionOf(wanted.selection.text) : undefined;
  const about = JSON.stringify(operation.startsWith('row') || operation.startsWith('pairs') ? others['word'] : others);
  const place: Place = {
    world,
    source,
    path: `${operation.replace(/^(rows|row|pairs)/, '')} ${about}`,
    depth: 0,
    selection,
  };
  if (operation.startsWith('rows')) return rowsOf(place, field.type, ids ? asList(ids) : KEYS);
  if (operation.startsWith('pairs'))
    return pairsOf(
      place,
      field.type,
      (pairs ? asList(pairs) : [{ a: 'k1', b: 7 }]) as Readonly<Record<string, unknown>>[],
    );
  if (operation.startsWith('row')) return rowsOf(place, field.type, asList(id ?? 'k1'))[0] ?? null;
  return anyOf(place, field.type);
}

/** Whose rows are answered when none are asked for. */
const KEYS = ['k1', '7', 'k3'] as const;

function rootField(model: Model, name: string): GraphQLField<unknown, unknown> {
  const field = model.schema.getQueryType()?.getFields()[name] ?? model.schema.getMutationType()?.getFields()[name];
  if (!field) throw new Error(`nothing is called ${name}`);
  return field;
}

function asList(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

type Place = { world: World; source: string; path: string; depth: number; selection: SelectionSetNode | undefined };

function inside(place: Place, step: string, selection = place.selection): Place {
  return { ...place, path: `${place.path}.${step}`, depth: place.depth + 1, selection };
}

const tapeAt = ({ world: { seed }, path }: Place): Tape => tapeOf(`${seed} ${path}`);

/** Rows of keys, not in their order: some are missing, some come twice, some nobody asked for. */
function rowsOf(place: Place, type: GraphQLOutputType, keys: readonly unknown[]): unknown[] {
  const rows = keys.flatMap((key) => {
    const at = inside(place, `#${key}`);
    const tape = tapeAt(at);
    const written = tape.once(3) && /^\d+$/.test(String(key)) ? Number(key) : key;
    const count = [1, 1, 1, 0, 2][tape.pick(place.world.faults.rows > 0 ? 5 : 2)] ?? 1;
    return Array.from({ length: count }, (_, index) =>
      rowWith(inside(at, String(index)), type, { id: written }, tape.once(9) && place.world.faults.rows > 0),
    );
  });
  if (place.world.faults.rows > 0 && keys.length > 1) {
    rows.reverse();
    rows.push(rowWith(inside(place, 'stranger'), type, { id: 'stranger' }, false), null);
  }
  return rows;
}

function pairsOf(
  place: Place,
  type: GraphQLOutputType,
  pairs: readonly Readonly<Record<string, unknown>>[],
): unknown[] {
  return pairs.map(({ a, b }) => rowWith(inside(place, `#${a}/${b}`), type, { ref: a, id: b }, false));
}

/** A row with certain values, under the names they were asked by. */
function rowWith(
  place: Place,
  type: GraphQLOutputType,
  own: Readonly<Record<string, unknown>>,
  isFault: boolean,
): unknown {
  if (isFault && place.source === 'q') return new GatewayError('UPSTREAM_FAILED', { source: 'q' });
  const row = objectOf(place, namedOf(type) as GraphQLObjectType);
  for (const [name, value] of Object.entries(own)) {
    if (place.source !== 'q') row[name] = value;
    for (const key of keysAsking(place.selection, name)) row[key] = value;
  }
  return row;
}

function keysAsking(set: SelectionSetNode | undefined, name: string): string[] {
  return (set?.selections ?? []).flatMap((node) =>
    node.kind === Kind.FIELD && node.name.value === name ? [node.alias?.value ?? node.name.value] : [],
  );
}

function anyOf(place: Place, declared: GraphQLOutputType): unknown {
  const { world, source, depth } = place;
  const tape = tapeAt(place);
  if (world.faults.values > 0 && tape.once(world.faults.values)) return wrongValue(tape, source);
  const type = isNonNullType(declared) ? declared.ofType : declared;
  const isBare = !isNonNullType(declared);
  if (isBare && (tape.once(10) || depth > DEEPEST)) return tape.once(2) ? null : undefined;
  if (isListType(type)) {
    const length = depth > DEEPEST ? 0 : (tape.of([2, 1, 3, 0]) as number);
    return Array.from({ length }, (_, index) => anyOf(inside(place, String(index)), type.ofType));
  }
  if (isObjectType(type)) return depth > DEEPEST + 3 ? {} : objectOf(place, type);
  if (isAbstractType(type)) {
    const members = world.model.schema.getPossibleTypes(type);
    if (depth > DEEPEST + 3) return {};
    const member = tape.of(members);
    const made = objectOf(place, member);
    if (source !== 'q') made['kind'] = tape.once(9) ? 'strange' : `k${members.indexOf(member)}`;
    return made;
  }
  return leafOf(tape, type);
}

function wrongValue(tape: Tape, source: string): unknown {
  const error = new GatewayError('UPSTREAM_FAILED', { source });
  return tape.of([null, undefined, 'text', 7, {}, [], [null], true, Number.NaN, error, { id: 1 }, new Set(['a']), -0]);
}

function objectOf(place: Place, type: GraphQLObjectType): Record<string, unknown> {
  return place.source === 'q' ? selectedOf(place, type) : wholeOf(place, type);
}

/** All that the source has, under its own names. */
function wholeOf(place: Place, type: GraphQLObjectType): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const field of Object.values(type.getFields())) {
    const { source } = place;
    if (directivesNamed(field.astNode, 'resolveTo').length > 0) continue;
    const map = mapDirective(field, source);
    const name = wireName(field, source);
    const value = map ? mapOf(inside(place, name)) : anyOf(inside(place, name), field.type);
    if (map?.['rest'] === true && typeof value === 'object') Object.assign(made, value);
    else if (value !== undefined)
      Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
}

function mapOf(place: Place): unknown {
  const tape = tapeAt(place);
  return tape.once(6)
    ? tape.of<unknown>([null, 'x', [{ a: 'b' }, 1]])
    : Object.fromEntries(tape.list(0, 3, (index) => [`key${index}`, `v${index}`]));
}

/** What was selected, under the keys it was selected by. */
function selectedOf(
  place: Place,
  type: GraphQLObjectType,
  made: Record<string, unknown> = {},
): Record<string, unknown> {
  const { model } = place.world;
  for (const node of place.selection?.selections ?? []) {
    if (node.kind === Kind.FRAGMENT_SPREAD) continue;
    if (node.kind === Kind.INLINE_FRAGMENT) {
      if (node.typeCondition?.name.value === type.name)
        selectedOf({ ...place, selection: node.selectionSet }, type, made);
      continue;
    }
    const key = node.alias?.value ?? node.name.value;
    const field = Object.values(type.getFields()).find((each) => wireName(each, 'q') === node.name.value);
    if (node.name.value === '__typename') put(made, key, model.ownName(type.name, 'q'));
    else if (field) put(made, key, anyOf(inside(place, node.name.value, node.selectionSet), field.type));
  }
  return made;
}

/** As JSON.parse does: `__proto__` is a key like any other. */
function put(made: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(made, key, { value, configurable: true, enumerable: true, writable: true });
}

function selectionOf(text: string): SelectionSetNode | undefined {
  const [definition] = parse(`query ${text}`).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : undefined;
}

function namedOf(type: GraphQLOutputType): GraphQLNamedType {
  return isListType(type) || isNonNullType(type) ? namedOf(type.ofType) : type;
}
