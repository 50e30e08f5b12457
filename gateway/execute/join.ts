import type { RequestContext } from '../context.ts';
import { isRecord } from '../lib/json.ts';
import { createKeyReader } from './key-reader.ts';
import { createPathReader, isAliased } from './keys.ts';
import { createLookupLoader } from './loader.ts';
import { type Join, named, readJoin } from './model.ts';
import { selectPiece } from './selection.ts';
import { type FieldSite, isList, placeOf, type Resolver } from './site.ts';

/**
 * A field that another source answers, matched by key: the row whose key equals the parent's, or all such rows where the field
 * is a list. A parent without a key makes no call; a missing row is null.
 */
export function createJoin(site: FieldSite): Resolver {
  const { model, origins, type, field } = site;
  const join = readJoin(field) as Join;
  const many = isList(field);
  const rows = named(field.type);
  const load = createLookupLoader(model, join, site.perform);
  const readKey = createKeyReader(site, join.keys);
  const aliased = isAliased(model, join.source);
  const target = model.schema.getQueryType()?.getFields()[join.field];
  const passed = field.args.filter(({ name }) => target?.args.some((arg) => arg.name === name)).map(({ name }) => name);
  return async (parent, args, context, info) => {
    const origin = origins.of(type.name, parent);
    const sent = sentArguments(site, join, passed, { parent, origin, args });
    const piece = aliased ? selectPiece(model, info, info.fieldNodes, rows, join.source) : undefined;
    const request = { args: sent, piece, place: placeOf(info.path) };
    const keys = join.keys.length === 0 ? [[]] : await keysOf(readKey, parent, origin, context);
    const found = await Promise.all(keys.map((key) => load(context, { key, ...request })));
    const list = found.flat();
    origins.note(rows, list, join.source);
    return many ? list : (list[0] ?? null);
  };
}

/** The keys of a parent: one, or several where the key field is a list. */
async function keysOf(
  readKey: ReturnType<typeof createKeyReader>,
  parent: unknown,
  origin: string,
  context: RequestContext,
): Promise<readonly (readonly unknown[])[]> {
  const key = await readKey(parent, origin, context);
  if (key === undefined) return [];
  const [only] = key;
  return key.length === 1 && Array.isArray(only)
    ? only.filter((part) => part !== null && part !== undefined).map((part) => [part])
    : [key];
}

type Situation = { parent: unknown; origin: string; args: Readonly<Record<string, unknown>> };

/** `sourceArgs` with `{root.path}` and `{args.name}` filled in, and arguments of the join that its target has too. */
function sentArguments(
  site: FieldSite,
  join: Join,
  passed: readonly string[],
  { parent, origin, args }: Situation,
): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner)]));
    const [, scope, path = ''] = (typeof value === 'string' && /^\{(root|args)\.([\w.]+)\}$/.exec(value)) || [];
    if (scope === 'args') return args[path];
    if (scope === 'root')
      return createPathReader(site.type, path.split('.'), origin, isAliased(site.model, origin))(parent);
    return value;
  };
  for (const [name, value] of Object.entries(join.sourceArgs)) sent[name] = fill(value);
  for (const name of passed) if (args[name] !== undefined) sent[name] = args[name];
  return sent;
}
