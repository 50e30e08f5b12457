/** What the plugin wants kept and dropped, taken from it for our own store. */
import type { ExecutionResult } from 'graphql';
import type { Model } from '../execute/model.ts';
import { directivesNamed } from '../lib/sdl.ts';
import type { Entity } from './tags.ts';

/** What the plugin said of one run. */
export type Sink = {
  /** Age that the plan allows, in ms. */
  readonly limitMs: number;
  kept?: readonly Entity[];
  dropped?: readonly Entity[];
};

/** A store as the plugin knows it: it finds nothing there, and what it wants kept or dropped is noted. */
type PluginStore = {
  get(id: string): null;
  set(id: string, data: ExecutionResult, entities: Iterable<Entity>, ttl: number): void;
  invalidate(entities: Iterable<Entity>): void;
};

export type Sinks = {
  /** Begins to note what is said of a context. */
  open(context: object, limitMs: number): Sink;
  storeOf(context: object): PluginStore;
  /** The age of an answer, where the plugin found one: never above what the plan allows. */
  ageOf(context: object, foundMs: number): number;
};

export function createSinks(): Sinks {
  const sinks = new WeakMap<object, Sink>();
  const note = (context: object, said: Partial<Sink>): void => {
    const sink = sinks.get(context);
    if (sink) Object.assign(sink, said);
  };
  return {
    open(context, limitMs) {
      const sink: Sink = { limitMs };
      sinks.set(context, sink);
      return sink;
    },
    storeOf: (context) => ({
      get: () => null,
      set: (_id, _data, entities) => note(context, { kept: [...entities] }),
      invalidate: (entities) => note(context, { dropped: [...entities] }),
    }),
    ageOf(context, foundMs) {
      const { limitMs = 0 } = sinks.get(context) ?? {};
      // The plugin does not see fields of objects that are selected through an interface: the plan does.
      return foundMs > 0 ? Math.min(foundMs, limitMs) : limitMs;
    },
  };
}

/** Ages in ms and scopes by coordinate, as the plugin takes them. */
export function rulesByCoordinate({ schema }: Pick<Model, 'schema'>): {
  ages: Record<string, number>;
  scopes: Record<string, 'PUBLIC' | 'PRIVATE'>;
} {
  const ages: Record<string, number> = {};
  const scopes: Record<string, 'PUBLIC' | 'PRIVATE'> = {};
  for (const type of Object.values(schema.getTypeMap())) {
    if (!('getFields' in type)) continue;
    for (const { name, astNode } of Object.values(type.getFields())) {
      const [control] = directivesNamed(astNode, 'cacheControl');
      if (typeof control?.['maxAge'] === 'number') ages[`${type.name}.${name}`] = control['maxAge'] * 1000;
      if (control?.['scope'] === 'PRIVATE') scopes[`${type.name}.${name}`] = 'PRIVATE';
    }
  }
  return { ages, scopes };
}

/** The name under which the plugin asks for ids: those that are null, 0 or empty it leaves in the answer. */
const HIDDEN = '__responseCacheId';

/** Takes what nobody asked for out of an answer that is a copy of its own. */
export function removeHidden(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const each of value) removeHidden(each);
    return;
  }
  delete (value as Record<string, unknown>)[HIDDEN];
  for (const each of Object.values(value)) removeHidden(each);
}
