import { isRecord } from '../lib/json.ts';
import { executionOf, nodeOf, type Standing } from './execution.ts';
import { createKeyReader } from './key-reader.ts';
import { createLookupLoader } from './loader.ts';
import { type Join, readJoin, templateOf } from './model.ts';
import { createPieces } from './pieces.ts';
import { type FieldSite, isList, type Resolver } from './site.ts';

/**
 * A field that another source answers, matched by key: the row whose key equals the parent's, or all such rows where the field
 * is a list. A parent without a key makes no call; a missing row is null.
 */
export function createJoin(site: FieldSite): Resolver {
  const { planner, field } = site;
  const join = readJoin(field) as Join;
  const many = isList(field);
  const load = createLookupLoader(site, join);
  const readKeys = createKeysReader(site, join);
  const fillArguments = createArgumentsFiller(site, join);
  const pieces = createPieces(site, join);
  return async (parent, args, context, info) => {
    const execution = executionOf(context, planner, info);
    const node = nodeOf(execution, info);
    const standing = { parent, node, execution, context };
    const [keys, sent] = await Promise.all([readKeys(standing), fillArguments(standing, args)]);
    if (sent === undefined || keys.length === 0) return many ? [] : null;
    const piece = pieces?.below(execution.plan, node);
    const found = await Promise.all(keys.map((key) => load(standing, { key, piece, args: sent, group: node.group })));
    const list = found.length === 1 ? (found[0] ?? []) : found.flat();
    return many ? list : (list[0] ?? null);
  };
}

type Keys = readonly (readonly unknown[])[];

/** The keys of a parent: none, one, or several where the key field is a list. A join without key fields asks once. */
function createKeysReader(site: FieldSite, join: Join): (standing: Standing) => Promise<Keys> {
  if (join.keys.length === 0) return () => Promise.resolve([[]]);
  const readKey = createKeyReader(site, join.keys);
  return async (standing) => {
    const key = await readKey(standing);
    if (key === undefined) return [];
    const [only] = key;
    if (key.length > 1 || !Array.isArray(only)) return [key];
    for (const part of only) if (part instanceof Error) throw part;
    return only.filter((part) => part !== null && part !== undefined && part !== '').map((part) => [part]);
  };
}

/**
 * Prepares `sourceArgs` with `{root.path}` and `{args.name}` filled in, and the arguments of the join that its target has too.
 * Without a value for one of `{root.…}` there is nothing to ask: undefined.
 */
function createArgumentsFiller(
  site: FieldSite,
  join: Join,
): (standing: Standing, args: Record<string, unknown>) => Promise<Record<string, unknown> | undefined> {
  const target = site.model.schema.getQueryType()?.getFields()[join.field];
  const passed = site.field.args.filter(({ name }) => target?.args.some((arg) => arg.name === name));
  const roots = join.rootPaths.map((path) => [path.join('.'), createKeyReader(site, [path])] as const);
  return async (standing, args) => {
    const values = new Map<string, unknown>();
    for (const [path, read] of roots) {
      const found = await read(standing);
      if (found === undefined) return undefined;
      values.set(path, found[0]);
    }
    const sent = fill(join.sourceArgs, values, args) as Record<string, unknown>;
    for (const { name } of passed) if (args[name] !== undefined) sent[name] = args[name];
    return sent;
  };
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
