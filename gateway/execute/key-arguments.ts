/** Arguments that hold keys of a field's own rows: then there are no more rows than keys. */
import { isListType, isNonNullType, isObjectType } from 'graphql';
import { type Lookup, type Model, readJoin } from './model.ts';
import type { PlanNode } from './plan.ts';

type Paths = readonly (readonly string[])[];

const NONE: Paths = [];
/** By root field of the unified schema; read once of a model, which never changes. */
const KNOWN = new WeakMap<Model, ReadonlyMap<string, Paths>>();

/** Paths of the arguments by which joins and shared types look up one row for each key. */
export function keyPathsOf(model: Model, { coordinate }: Pick<PlanNode, 'coordinate'>): Paths {
  const paths = KNOWN.get(model) ?? readPaths(model);
  KNOWN.set(model, paths);
  return paths.get(coordinate) ?? NONE;
}

/** Whether an argument holds keys of the rows by its name: `ids`, or `orderIds` where orders are given. */
export function isKeyOf(model: Model, { of, source }: Pick<PlanNode, 'of' | 'source'>, name: string): boolean {
  const words = plain(name);
  return words === 'ids' || [of.name, model.ownName(of.name, source)].some((type) => words === `${plain(type)}ids`);
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

function readPaths(model: Model): Map<string, Paths> {
  const root = model.schema.getQueryType()?.name ?? '';
  const found = new Map<string, Map<string, { path: readonly string[]; isOne: boolean }>>();
  const add = ({ field, keysArg, result }: Lookup, isOne: boolean): void => {
    // Rows further below are not those that the field itself gives.
    if (keysArg.length === 0 || result.length > 0) return;
    const paths = found.get(`${root}.${field}`) ?? new Map();
    const key = keysArg.join('.');
    // What one join has many rows by is no key of a row, whatever another one takes of them.
    paths.set(key, { path: keysArg, isOne: isOne && paths.get(key)?.isOne !== false });
    found.set(`${root}.${field}`, paths);
  };
  for (const { lookups } of model.entities.values()) for (const lookup of lookups.values()) add(lookup, true);
  for (const type of Object.values(model.schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const join = readJoin(field);
      const given = isNonNullType(field.type) ? field.type.ofType : field.type;
      if (join) add(join, !isListType(given));
    }
  }
  return new Map(
    [...found].map(([field, paths]) => [
      field,
      [...paths.values()].flatMap(({ path, isOne }) => (isOne ? [path] : [])),
    ]),
  );
}
