import { executionOf, nodeOf } from './execution.ts';
import { createArgumentsFiller, createKeysReader } from './join-keys.ts';
import { type Join, readJoin } from './model.ts';
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
  const load = site.createLoader(site, join);
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
