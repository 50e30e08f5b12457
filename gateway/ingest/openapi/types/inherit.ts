/**
 * Schemas with a discriminator that others build upon by `allOf` (OpenAPI 3.1 §4.8.25): an answer of the parent's type may be any of
 * its children.
 */
import { type FieldDefinitionNode, Kind, type TypeDefinitionNode } from 'graphql';
import { isRecord } from '../../../lib/json.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import type { Flat } from './flatten.ts';
import { addObject, inputName, objectFields, objectKey } from './objects.ts';
import { addOneOf, type OneOfMember } from './one-of.ts';
import { type Located, nameOfRef, type Resolve, rawNameOfRef } from './site.ts';
import { typeText } from './texts.ts';
import { objectTyped, type Side, typeOf, type Walk } from './walk.ts';

export type Hierarchy = {
  /** References of all schemas that are built upon a schema, directly or not. */
  childrenOf(ref: string): readonly string[];
  /** References of the schemas it is built upon that tell their children apart. */
  parentsOf(ref: string): readonly string[];
};

const MAX_DEPTH = 32;

/** Reads who is built upon whom among the named schemas. */
export function readHierarchy(schemas: Readonly<Record<string, unknown>>, resolve: Resolve): Hierarchy {
  const parents = new Map<string, string[]>();
  const children = new Map<string, string[]>();
  for (const name of Object.keys(schemas).sort()) {
    const ref = `#/components/schemas/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    for (const parent of refsOfAllOf(schemas[name], resolve, 0)) {
      parents.set(ref, [...(parents.get(ref) ?? []), parent]);
      children.set(parent, [...(children.get(parent) ?? []), ref]);
    }
  }
  return {
    childrenOf: (ref) => reachable(children, ref),
    parentsOf: (ref) => reachable(parents, ref).filter((parent) => isPolymorphic(resolve, parent)),
  };
}

function refsOfAllOf(schema: unknown, resolve: Resolve, depth: number): string[] {
  if (!isRecord(schema) || !Array.isArray(schema['allOf']) || depth > MAX_DEPTH) return [];
  return schema['allOf'].flatMap((member: unknown) => {
    if (!isRecord(member)) return [];
    if (typeof member['$ref'] !== 'string') return refsOfAllOf(member, resolve, depth + 1);
    const target = resolve(member['$ref']);
    return target.found ? [target.ref] : [];
  });
}

function reachable(edges: ReadonlyMap<string, readonly string[]>, from: string): string[] {
  const seen = new Set<string>();
  const queue = [...(edges.get(from) ?? [])];
  for (let ref = queue.shift(); ref !== undefined; ref = queue.shift()) {
    if (ref === from || seen.has(ref)) continue;
    seen.add(ref);
    queue.push(...(edges.get(ref) ?? []));
  }
  return [...seen];
}

function isPolymorphic(resolve: Resolve, ref: string): boolean {
  const target = resolve(ref);
  const schema = target.found ? target.value : undefined;
  return isRecord(schema) && schema['discriminator'] !== undefined && !schema['oneOf'] && !schema['anyOf'];
}

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
    kin.set(ref, [...(kin.get(ref) ?? []), value]);
  }
  return [...kin].map(([ref, values]) => ({ ref, values: values.length > 0 ? values : [rawNameOfRef(ref)] }));
}

/** What a mapping leads to: a reference, or the name of a schema, in whatever way contracts spell it. */
export function refOfMapping(resolve: Resolve, to: string): string | undefined {
  const name = to.split('/').at(-1)?.replace(/#$/, '') ?? to;
  for (const ref of [...(to.includes('#') ? [to] : []), `#/components/schemas/${name}`, to]) {
    const target = resolve(ref);
    if (target.found) return target.ref;
  }
  return undefined;
}

function memberTyped(walk: Walk, ref: string, side: Side): ReturnType<typeof typeOf> {
  return typeOf(walk, { schema: { $ref: ref }, pointer: ref, name: nameOfRef(ref) }, side);
}

/** The object type of a child; where the child has children of its own, the type that stands for itself alone. */
function memberKey(walk: Walk, ref: string): string | undefined {
  const typed = memberTyped(walk, ref, 'out');
  if (typed.json !== 'object' || typed.dictionary || typed.type.kind !== Kind.NAMED_TYPE) return undefined;
  const key = typed.type.name.value;
  return isPolymorphic(walk.resolve, ref) && walk.hierarchy.childrenOf(ref).length > 0 ? `${key} base` : key;
}

/** Interfaces that the object type of a schema implements. */
export function interfacesOf(walk: Walk, at: Pick<Located, 'ref' | 'pointer'>, part: 'base' | undefined): string[] {
  if (at.ref === undefined) return [];
  const parents = walk.hierarchy.parentsOf(at.ref).map((ref) => objectKey({ ref, pointer: ref }, 'out'));
  return part === 'base' ? [objectKey(at, 'out'), ...parents] : parents;
}
