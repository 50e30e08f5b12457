import { mapDirective, toEntries } from './entries.ts';
import { executionOf, nodeOf } from './execution.ts';
import { isAliased } from './keys.ts';
import { selectionOf } from './selection.ts';
import type { FieldSite, Resolver } from './site.ts';

/** Whether the upstream streams what the field answers, by what its call directive says. */
export function isStreamed(wire: Readonly<Record<string, unknown>>): boolean {
  return wire['responseStream'] === true;
}

/** A field of `Subscription`: opens the upstream's stream, and passes each message on as the field's value. */
export function createSubscription(site: FieldSite, source: string): { subscribe: Resolver; resolve: Resolver } {
  const { model, planner, selections, openUpstream, type, field } = site;
  const aliased = isAliased(model, source);
  const isMap = mapDirective(field, source) !== undefined;
  const coordinate = `${type.name}.${field.name}`;
  return {
    subscribe: (_parent, args, context, info) => {
      const execution = executionOf(context, planner, info);
      const node = nodeOf(execution, info);
      const { plan, variables } = execution;
      const selection = aliased
        ? { selection: selectionOf([selections.below(plan, node)], [], '', variables) }
        : undefined;
      const wanted = { source, operation: field.name, coordinate, group: node.group?.id, idempotent: true, keys: 0 };
      return openUpstream(context, { ...wanted, args, ...selection }, 'events');
    },
    resolve: (message) => (isMap ? toEntries(message) : message),
  };
}
