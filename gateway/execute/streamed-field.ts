import { named } from './model.ts';
import type { FieldSite, Resolver } from './site.ts';

/** Whether the upstream streams what the field answers, by what its call directive says. */
export function isStreamed(wire: Readonly<Record<string, unknown>>): boolean {
  return wire['responseStream'] === true;
}

/** A field of `Subscription`: opens the upstream's stream, and passes each message on as the field's value. */
export function createSubscription(
  { origins, openUpstream, field }: FieldSite,
  source: string,
): { subscribe: Resolver; resolve: Resolver } {
  const below = named(field.type);
  return {
    subscribe: (_parent, args, context) =>
      openUpstream(context, { source, operation: field.name, args, idempotent: true, keys: 0 }, 'events'),
    resolve: (message) => origins.note(below, message, source),
  };
}

/** A list that its upstream streams: items are given as they come, which is what `@stream` passes on. */
export function createStreamedList(
  { origins, openUpstream, field }: FieldSite,
  source: string,
  idempotent: boolean,
): Resolver {
  const below = named(field.type);
  return (_parent, args, context) => {
    const items = openUpstream(context, { source, operation: field.name, args, idempotent, keys: 0 }, 'list');
    return {
      ...items,
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        const step = await items.next();
        return step.done === true ? step : { done: false, value: origins.note(below, step.value, source) };
      },
    };
  };
}
