import { executionOf, nodeOf, type Standing } from './execution.ts';
import { createKeyReader } from './key-reader.ts';
import { lookupOf } from './model.ts';
import { createPieces } from './pieces.ts';
import { createRead } from './property.ts';
import type { FieldSite, Resolver } from './site.ts';

/**
 * A field of a shared type that not every source has: read from the parent where its source has the field, else looked up by
 * key in a source that has it. An entity that the other source does not know gives null.
 */
export function createEntityField(site: FieldSite): Resolver {
  const { model, planner, type, field } = site;
  const read = createRead(site);
  const lookup = lookupOf(model, type.name, field);
  if (!lookup) {
    return (parent, _args, context, info) => {
      const { origin, key } = nodeOf(executionOf(context, planner, info), info);
      return read(parent, origin, key);
    };
  }
  const { source, sourceArgs: args } = lookup;
  const load = site.createLoader(site, lookup);
  const readKey = createKeyReader(site, lookup.keys);
  const pieces = createPieces(site, lookup);
  async function lookUp(standing: Standing): Promise<unknown> {
    const { node, execution } = standing;
    const key = await readKey(standing);
    if (key === undefined) return null;
    const piece = pieces?.part(execution.plan, node);
    const [row] = await load(standing, { key, piece, args, group: node.group });
    return row === undefined ? null : read(row, source, node.key);
  }
  return (parent, _args, context, info) => {
    const execution = executionOf(context, planner, info);
    const node = nodeOf(execution, info);
    return node.kind === 'property'
      ? read(parent, node.origin, node.key)
      : lookUp({ parent, node, execution, context });
  };
}
