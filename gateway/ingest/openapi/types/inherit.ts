/**
 * Schemas with a discriminator that others build upon by `allOf` (OpenAPI 3.1 §4.8.25): an answer of the parent's type may be any of
 * its children.
 */
import { type FieldDefinitionNode, Kind, type TypeDefinitionNode } from 'graphql';
import { addTo } from '../../../lib/multi-map.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import type { Flat } from './flat.ts';
import { isPolymorphic, refOfMapping } from './hierarchy.ts';
import { addObject, inputName, objectFields } from './objects.ts';
import { addOneOf, type OneOfMember } from './one-of.ts';
import { type Located, nameOfRef, objectKey, rawNameOfRef } from './site.ts';
import { typeText } from './texts.ts';
import { objectTyped, type Side, type Typed, type Walk } from './typed.ts';

/** The type of a schema whose discriminator tells its children apart; undefined for all other schemas. */
export function addInheritance(walk: Walk, at: Located, flat: Flat, side: Side): string | undefined {
  const { discriminator } = flat;
  if (!discriminator || at.ref === undefined || flat.options.length > 0) return undefined;
  const kin = readKin(walk, at.ref, discriminator.mapping);
  if (kin.length === 0) return undefined;
  const base = (): string => addObject(walk, { ...at, name: `${at.name}Base` }, flat, side, 'base');
  if (side === 'in') {
    const members = (): OneOfMember[] => [
      ...kin.map(({ ref, values }) => ({
        label: rawNameOfRef(ref),
        typed: memberTyped(walk, ref, 'in'),
        set: values.length === 1 ? [[discriminator.property, JSON.stringify(values[0])] as const] : [],
      })),
      { label: rawNameOfRef(at.ref ?? ''), typed: objectTyped(base()), set: [] },
    ];
    return addOneOf(walk, { ...at, name: inputName(at.name, walk, at) }, members);
  }
  return walk.graph.add({
    key: objectKey(at, 'out'),
    wanted: at.name,
    rank: 'written',
    build: (): TypeDefinitionNode => {
      const otherwise = base();
      const mapping = kin.flatMap(({ ref, values }) => {
        const key = memberKey(walk, ref);
        return key === undefined ? [] : values.map((value) => [value, key]);
      });
      const discriminated = { subgraph: walk.source, field: discriminator.property, mapping, otherwise };
      return {
        kind: Kind.INTERFACE_TYPE_DEFINITION,
        ...typeText(at.schema),
        name: nameNode(''),
        directives: [directiveNode('discriminator', discriminated)],
        fields: objectFields(walk, flat, 'out') as FieldDefinitionNode[],
      };
    },
  });
}

type Kin = { ref: string; values: string[] };

/** Children by reference with the values of the discriminator that stand for each: written ones, else their names. */
function readKin(walk: Walk, parent: string, mapping: ReadonlyMap<string, string>): Kin[] {
  const kin = new Map<string, string[]>(walk.hierarchy.childrenOf(parent).map((ref) => [ref, []]));
  for (const [value, to] of mapping) {
    const ref = refOfMapping(walk.resolve, to);
    if (ref === undefined || ref === parent) continue;
    addTo(kin, ref, value);
  }
  return [...kin].map(([ref, values]) => ({ ref, values: values.length > 0 ? values : [rawNameOfRef(ref)] }));
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
