import type { CallSelection } from '../connect/connector.ts';
import type { RequestContext } from '../context.ts';
import { callOf } from './call-of.ts';
import { mapDirective, toEntries } from './entries.ts';
import { type Execution, executionOf, nodeOf } from './execution.ts';
import { isAliased } from './keys.ts';
import { named } from './model.ts';
import type { Wanted } from './perform.ts';
import type { PlanNode } from './plan.ts';
import { selectionOf } from './selection.ts';
import { type FieldSite, isList, type Resolver } from './site.ts';
import { isStreamed } from './streamed-field.ts';

/** Asks the source of a root field; what upstreams stream comes as they send it. */
export type RootCall = (
  asker: { context: RequestContext; execution: Pick<Execution, 'plan' | 'variables'>; node: PlanNode },
  args: Readonly<Record<string, unknown>>,
) => Promise<unknown> | AsyncIterable<unknown>;

/** A field of `Query` or `Mutation`: one call to its source. */
export function createCall(site: FieldSite): Resolver {
  const call = createRootCall(site);
  if (call === undefined) return () => null;
  return (_parent, args, context, info) => {
    const execution = executionOf(context, site.planner, info);
    return call({ context, execution, node: nodeOf(execution, info) }, args);
  };
}

/** @returns undefined for the one field that has no source: its value is null */
export function createRootCall(site: FieldSite): RootCall | undefined {
  const { model, selections, masks, perform, openUpstream, type, field } = site;
  const call = callOf(site);
  if (call === undefined) return undefined;
  const { source, wire } = call;
  const aliased = isAliased(model, source);
  const idempotent = type === model.schema.getQueryType();
  const isMasked = idempotent && masks.taken(field, source);
  const isVoid = named(field.type).name === 'Void';
  const isMap = mapDirective(field, source) !== undefined;
  const coordinate = `${type.name}.${field.name}`;
  const wantedBy = (
    node: PlanNode,
    args: Wanted['args'],
    selection?: CallSelection,
    mask?: Wanted['mask'],
  ): Wanted => ({
    source,
    operation: field.name,
    coordinate,
    group: node.group?.id,
    args,
    idempotent,
    keys: 0,
    selection,
    mask,
    bulk: undefined,
  });
  if (isStreamed(wire) && isList(field)) {
    // Items are given as they come, which is what `@stream` passes on.
    return ({ context, node }, args) => openUpstream(context, wantedBy(node, args), 'list');
  }
  return ({ context, execution: { plan, variables }, node }, args) => {
    const selection = aliased ? selectionOf([selections.below(plan, node)], [], '', variables) : undefined;
    const mask = isMasked ? masks.below(node) : undefined;
    const answered = perform(context, wantedBy(node, args, selection, mask));
    // Whatever a source says beside "done" was promised to nobody.
    if (isVoid) return answered.then(() => null);
    return isMap ? answered.then(toEntries) : answered;
  };
}
