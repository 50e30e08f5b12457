/**
 * Schemas with a discriminator that others build upon by `allOf` (OpenAPI 3.1 §4.8.25): an answer of the parent's type may be any of
 * its children.
 */
import { type FieldDefinitionNode, Kind, type TypeDefinitionNode } from 'graphql';
import { addTo } from '../../../lib/multi-map.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import type { Discriminator, Flat } from './flat.ts';
import { isPolymorphic, refOfMapping } from './hierarchy.ts';
import { type Limits, limitsBeyond, limitsOf, limitsOfRef, variantOf } from './limits.ts';
import { addObject, inputName, objectFields } from './objects.ts';
import { addOneOf, type OneOfMember } from './one-of.ts';
import { type Located, nameOfRef, objectKey, rawNameOfRef } from './site.ts';
import { typeText } from './texts.ts';
import { objectTyped, type Side, type Typed, type Walk } from './typed.ts';

/** The type of a schema whose discriminator tells its children apart; undefined for all other schemas. */
export function addInheritance(walk: Walk, at: Located, flat: Flat, side: Side): string | undefined {
  const { discriminator } = flat;
  const { ref } = at;
  if (!discriminator || ref === undefined || flat.options.length > 0) return undefined;
  const limits = limitsOf(walk, flat);
  const kin = readKin(walk, ref, discriminator, limits);
  if (kin.length === 0) return undefined;
  const base = (): string => addObject(walk, { ...at, name: `${at.name}Base` }, flat, side, 'base');
  if (side === 'in') {
    const members = (): OneOfMember[] => [
      ...kin.map(({ ref, values }) => ({
        label: rawNameOfRef(ref),
        typed: memberTyped(walk, ref, 'in'),
        set: values.length === 1 ? [[discriminator.property, JSON.stringify(values[0])] as const] : [],
      })),
      { label: rawNameOfRef(ref), typed: objectTyped(base()), set: [] },
    ];
    return addOneOf(walk, { ...at, name: inputName(at.name, walk, at) }, members);
  }
  return walk.graph.add({
    key: objectKey(at, 'out'),
    wanted: at.name,
    rank: 'written',
    build: (): TypeDefinitionNode => {
      const otherwise = base();
      const keyed = kin.flatMap((each) => {
        const key = memberKey(walk, each.ref);
        // One that adds nothing is no type of its own.
        return key === undefined || key === objectKey(at, 'out') ? [] : [{ ...each, key }];
      });
      const mapping = keyed.flatMap(({ values, key }) => values.map((value) => [value, key]));
      const members = [variantOf(otherwise, 'object'), ...kinVariants(walk, ref, limits, keyed)];
      const discriminated = { subgraph: walk.source, field: discriminator.property, mapping, otherwise };
      return {
        kind: Kind.INTERFACE_TYPE_DEFINITION,
        ...typeText(at.schema),
        name: nameNode(''),
        directives: [
          directiveNode('discriminator', discriminated),
          directiveNode('variants', { subgraph: walk.source, members }),
        ],
        fields: objectFields(walk, flat, 'out') as FieldDefinitionNode[],
      };
    },
  });
}

type Kin = { ref: string; values: string[] };

/** Children by reference with the values of the discriminator that stand for each: written ones, else its own constants, else its name. */
function readKin(walk: Walk, parent: string, { property, mapping }: Discriminator, base: Limits): Kin[] {
  const kin = new Map<string, string[]>(walk.hierarchy.childrenOf(parent).map((ref) => [ref, []]));
  for (const [value, to] of mapping) {
    const ref = refOfMapping(walk.resolve, to);
    if (ref === undefined || ref === parent) continue;
    addTo(kin, ref, value);
  }
  return [...kin].map(([ref, written]) => {
    if (written.length > 0) return { ref, values: written };
    const own = limitsOfRef(walk, ref);
    const [constants] = own ? limitsBeyond(own, base).values.filter(([name]) => name === property) : [];
    return { ref, values: constants?.[1] ?? [rawNameOfRef(ref)] };
  });
}

/** What each child has beyond the parent, and which of the others it is built upon. */
function kinVariants(walk: Walk, parent: string, base: Limits, kin: readonly (Kin & { key: string })[]): object[] {
  const keys = new Map(kin.map(({ ref, key }) => [ref, key]));
  const above = new Map<string, string[]>();
  for (const { ref, key } of kin) for (const child of walk.hierarchy.childrenOf(ref)) addTo(above, child, key);
  // What is only mapped to is no type of the interface.
  return walk.hierarchy.childrenOf(parent).flatMap((ref) => {
    const key = keys.get(ref);
    const own = limitsOfRef(walk, ref);
    if (key === undefined || own === undefined) return [];
    return [variantOf(key, 'object', { ...limitsBeyond(own, base), extends: above.get(ref) ?? [] })];
  });
}

function memberTyped(walk: Walk, ref: string, side: Side): Typed {
  return walk.typeOf({ schema: { $ref: ref }, pointer: ref, name: nameOfRef(ref) ?? 'Child' }, side);
}

/** The object type of a child; where the child has children of its own, the type that stands for itself alone. */
function memberKey(walk: Walk, ref: string): string | undefined {
  const typed = memberTyped(walk, ref, 'out');
  if (typed.json !== 'object' || typed.dictionary || typed.type.kind !== Kind.NAMED_TYPE) return undefined;
  const key = typed.type.name.value;
  return isPolymorphic(walk.resolve, ref) && walk.hierarchy.childrenOf(ref).length > 0 ? `${key} base` : key;
}
