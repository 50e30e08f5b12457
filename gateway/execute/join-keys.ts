import { isRecord } from '../lib/json.ts';
import type { Standing } from './execution.ts';
import { createKeyReader } from './key-reader.ts';
import { type Join, templateOf } from './model.ts';
import type { FieldSite } from './site.ts';

export type Keys = readonly (readonly unknown[])[];
type MaybeLater<T> = T | Promise<T>;

/** The keys of a parent: none, one, or several where the key field is a list. A join without key fields asks once. */
export function createKeysReader(site: FieldSite, join: Join): (standing: Standing) => MaybeLater<Keys> {
  if (join.keys.length === 0) return () => ONE_WITHOUT;
  const readKey = createKeyReader(site, join.keys);
  return (standing) => {
    const key = readKey(standing);
    return key instanceof Promise ? key.then(spread) : spread(key);
  };
}

const ONE_WITHOUT: Keys = [[]];
const NONE: Keys = [];

function spread(key: readonly unknown[] | undefined): Keys {
  if (key === undefined) return NONE;
  const [only] = key;
  if (key.length > 1 || !Array.isArray(only)) return [key];
  for (const part of only) if (part instanceof Error) throw part;
  return only.filter((part) => part !== null && part !== undefined && part !== '').map((part) => [part]);
}

type Arguments = Record<string, unknown>;

/**
 * Prepares `sourceArgs` with `{root.path}` and `{args.name}` filled in, and the arguments of the join that its target has too.
 * Without a value for one of `{root.…}` there is nothing to ask: undefined.
 */
export function createArgumentsFiller(
  site: FieldSite,
  join: Join,
): (standing: Standing, args: Arguments) => MaybeLater<Arguments | undefined> {
  const target = site.model.schema.getQueryType()?.getFields()[join.field];
  const passed = site.field.args.filter(({ name }) => target?.args.some((arg) => arg.name === name));
  const readRoots = join.rootPaths.map((path) => createKeyReader(site, [path]));
  const names = join.rootPaths.map((path) => path.join('.'));

  function finish(values: readonly unknown[], args: Arguments): Arguments {
    const roots = new Map(names.map((name, index) => [name, values[index]]));
    const sent = fill(join.sourceArgs, roots, args) as Arguments;
    for (const { name } of passed) if (args[name] !== undefined) sent[name] = args[name];
    return sent;
  }
  function readOn(standing: Standing, args: Arguments, values: unknown[]): MaybeLater<Arguments | undefined> {
    for (let read = readRoots[values.length]; read; read = readRoots[values.length]) {
      const found = read(standing);
      if (found instanceof Promise) {
        return found.then((later) => {
          if (later === undefined) return undefined;
          values.push(later[0]);
          return readOn(standing, args, values);
        });
      }
      if (found === undefined) return undefined;
      values.push(found[0]);
    }
    return finish(values, args);
  }
  return (standing, args) => readOn(standing, args, []);
}

function fill(value: unknown, roots: ReadonlyMap<string, unknown>, args: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((inner) => fill(inner, roots, args));
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner, roots, args)]));
  const template = templateOf(value);
  if (template === undefined) return value;
  if (template.scope === 'root') return roots.get(template.path.join('.'));
  return template.path.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), args);
}
