import { callOf } from './call-of.ts';
import { mapDirective, toEntries } from './entries.ts';
import { executionOf, nodeOf } from './execution.ts';
import { isAliased } from './keys.ts';
import { named } from './model.ts';
import { selectionOf } from './selection.ts';
import { type FieldSite, isList, type Resolver } from './site.ts';
import { createStreamedList, isStreamed } from './streamed-field.ts';

/** A field of `Query` or `Mutation`: one call to its source. */
export function createCall(site: FieldSite): Resolver {
  const { model, planner, selections, masks, perform, type, field } = site;
  const call = callOf(site);
  if (call === undefined) return () => null;
  const { source, wire } = call;
  const aliased = isAliased(model, source);
  const idempotent = type === model.schema.getQueryType();
  const isMasked = idempotent && masks.taken(field, source);
  const isVoid = named(field.type).name === 'Void';
  const isMap = mapDirective(field, source) !== undefined;
  const wanted = { source, operation: field.name, coordinate: `${type.name}.${field.name}`, idempotent, keys: 0 };
  if (isStreamed(wire) && isList(field)) return createStreamedList(site, wanted);
  return async (_parent, args, context, info) => {
    const execution = executionOf(context, planner, info);
    const node = nodeOf(execution, info);
    const { plan, variables } = execution;
    const selection = aliased
      ? { selection: selectionOf([selections.below(plan, node)], [], '', variables) }
      : undefined;
    const mask = isMasked ? { mask: masks.below(node) } : undefined;
    const data = await perform(context, { ...wanted, group: node.group?.id, args, ...selection, ...mask });
    // Whatever a source says beside "done" was promised to nobody.
    if (isVoid) return null;
    return isMap ? toEntries(data) : data;
  };
}
