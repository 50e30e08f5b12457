import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType, isUnionType } from 'graphql';
import { GatewayError } from '../errors.ts';
import { createTypeResolver } from './abstract.ts';
import { createCall } from './call.ts';
import { callOf } from './call-of.ts';
import { createEntityField } from './entity.ts';
import { createGate, createGuarded } from './guarded.ts';
import { createJoin } from './join.ts';
import { createLookupLoader } from './loader.ts';
import { createMasks } from './mask.ts';
import { fieldSources, type Model, readJoin } from './model.ts';
import { attachObjectChecks } from './object-values.ts';
import type { Perform } from './perform.ts';
import { createPlanner, type Planner } from './planner.ts';
import { createProperty } from './property.ts';
import { createSelections } from './selection.ts';
import type { FieldSite, Resolver } from './site.ts';
import type { OpenUpstream } from './stream.ts';
import { createSubscription } from './streamed-field.ts';

/** The kinds a field of the unified schema can be of; decided once, when the generation is built. */
export type FieldKind = 'call' | 'join' | 'entity' | 'property';

export type Attachments = {
  perform: Perform;
  /** For fields that upstreams stream; without it they answer SOURCE_UNAVAILABLE. */
  openUpstream?: OpenUpstream;
  /** What is shared with whoever else reads plans. */
  planner?: Planner;
};

/**
 * Gives every field of the schema its resolver and every abstract type its way to tell members apart. In place.
 *
 * @returns whether nobody had put others in their place by the time it was first asked
 */
export function attachResolvers(schema: GraphQLSchema, model: Model, attachments: Attachments): () => boolean {
  const { perform, openUpstream = unavailable, planner = createPlanner(model) } = attachments;
  const own = new WeakSet<object>();
  attachObjectChecks(schema, model);
  const selections = createSelections(model);
  const masks = createMasks(model);
  const createLoader = createLookupLoader;
  const shared = { model, planner, selections, masks, perform, openUpstream, createLoader };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isAbstractType(type)) {
      const resolveType = createTypeResolver(model, type);
      own.add(resolveType);
      if (isUnionType(type) || isInterfaceType(type)) type.resolveType = resolveType;
    }
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const site: FieldSite = { type, field, ...shared };
      if (type === schema.getSubscriptionType()) {
        const { source } = callOf(site) ?? {};
        if (source !== undefined) Object.assign(field, guardedEvents(site, createSubscription(site, source)));
        continue;
      }
      const resolve = RESOLVERS[kindOf(site)](site);
      const isGuarded = model.requirements.isGuarded(type, field);
      field.resolve = (isGuarded ? createGuarded(site, resolve) : resolve) as NonNullable<typeof field.resolve>;
      own.add(field.resolve);
    }
  }
  let isOwn: boolean | undefined;
  return () => {
    isOwn ??= hasOnly(schema, own);
    return isOwn;
  };
}

function hasOnly(schema: GraphQLSchema, own: WeakSet<object>): boolean {
  const isOwn = (made: object | null | undefined): boolean => made !== null && made !== undefined && own.has(made);
  return Object.values(schema.getTypeMap()).every((type) => {
    if (type.name.startsWith('__') || type === schema.getSubscriptionType()) return true;
    if (isAbstractType(type)) return isOwn(type.resolveType);
    return !isObjectType(type) || Object.values(type.getFields()).every(({ resolve }) => isOwn(resolve));
  });
}

type Events = ReturnType<typeof createSubscription>;

function guardedEvents(site: FieldSite, events: Events): Events {
  if (!site.model.requirements.isGuarded(site.type, site.field)) return events;
  return { subscribe: createGate(site, events.subscribe), resolve: createGuarded(site, events.resolve) };
}

const RESOLVERS: Readonly<Record<FieldKind, (site: FieldSite) => Resolver>> = {
  call: createCall,
  join: createJoin,
  entity: createEntityField,
  property: createProperty,
};

function unavailable(_context: unknown, { source }: { readonly source: string }): never {
  throw new GatewayError('SOURCE_UNAVAILABLE', { source });
}

export function kindOf({ model, type, field }: Pick<FieldSite, 'model' | 'type' | 'field'>): FieldKind {
  if (type === model.schema.getQueryType() || type === model.schema.getMutationType()) return 'call';
  if (readJoin(field)) return 'join';
  const sources = fieldSources(field);
  return sources.length > 0 && sources.length < model.ownersOf(type.name).length ? 'entity' : 'property';
}
