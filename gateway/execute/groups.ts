import type { GraphQLField, GraphQLObjectType } from 'graphql';
import { stableStringify } from '../lib/json.ts';
import { isAliased } from './keys.ts';
import { batchSizeOf } from './lookup.ts';
import { fieldSources, type Join, type Lookup, lookupOf, type Model } from './model.ts';
import type { PlanGroup, PlanKind } from './plan.ts';

export type Groups = {
  all: readonly PlanGroup[];
  /** The group of a field's call. */
  of(field: {
    kind: PlanKind;
    field: GraphQLField<unknown, unknown>;
    source: string;
    join: Join | undefined;
    /** Equal for fields of which a GraphQL source can be asked together. */
    place: string;
  }): PlanGroup | undefined;
  /** Groups of the calls that fetch what stands at paths below the parent, where its source does not have it. */
  ofKeys(keys: {
    paths: readonly (readonly string[])[];
    type: GraphQLObjectType;
    origin: string;
    place: string;
  }): readonly PlanGroup[];
};

/** Gives calls of one plan their groups. */
export function createGroups(model: Model): Groups {
  const all: PlanGroup[] = [];
  const known = new Map<string, PlanGroup>();

  function add(source: string, operation: string, batchSize: number | undefined): PlanGroup {
    const group = { id: all.length, source, operation, batchSize };
    all.push(group);
    return group;
  }
  function lookups(lookup: Lookup, place: string): PlanGroup {
    // A GraphQL source is asked for what is selected at one place; what others ask is another question.
    const size = batchSizeOf(model, lookup);
    const key = `${lookupText(lookup)} ${size} ${isAliased(model, lookup.source) ? place : ''}`;
    const found = known.get(key) ?? add(lookup.source, lookup.field, size);
    known.set(key, found);
    return found;
  }
  return {
    all,
    of({ kind, field, source, join, place }) {
      if (kind === 'call' || kind === 'delegate') return add(source, field.name, undefined);
      return join && lookups(join, place);
    },
    ofKeys({ paths, type, origin, place }) {
      if (paths.length === 0) return NONE;
      const groups = new Set<PlanGroup>();
      for (const [first = ''] of paths) {
        const field = type.getFields()[first];
        const having = field ? fieldSources(field) : [];
        if (!field || having.length === 0 || having.includes(origin)) continue;
        const lookup = lookupOf(model, type.name, field);
        if (lookup) groups.add(lookups(lookup, place));
      }
      return [...groups];
    },
  };
}

const NONE: readonly PlanGroup[] = [];

/** Equal for lookups that ask in the same way. */
function lookupText(lookup: Lookup): string {
  const { source, field, keysArg, keysArgFields, valueKeys, result } = lookup;
  return stableStringify([source, field, keysArg, keysArgFields, valueKeys, result]);
}
