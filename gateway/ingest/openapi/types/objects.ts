/** Objects as types: the properties that one side of a call may see, under names that GraphQL allows. */
import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type TypeDefinitionNode,
} from 'graphql';
import { nonNull } from '../../../lib/ast.ts';
import { isRecord } from '../../../lib/json.ts';
import { camelCase, graphqlName, uniqueName } from '../../../lib/names.ts';
import { directiveNode, nameNode, valueNode } from '../../../lib/sdl.ts';
import type { Flat } from './flat.ts';
import { type AnyField, namedType } from './graph.ts';
import { interfacesOf } from './hierarchy.ts';
import { addEntries } from './maps.ts';
import { type Located, locate, objectKey, type Site } from './site.ts';
import { deprecation, described, typeText } from './texts.ts';
import type { Side, Typed, Walk } from './typed.ts';
import { propertyXml } from './xml.ts';

/** Properties of an object that this side may see: answers hide what is only written, inputs what is only read. */
export function visibleProperties(walk: Walk, flat: Flat, side: Side): [string, Site][] {
  const hidden = side === 'in' ? 'readOnly' : 'writeOnly';
  return [...flat.properties].filter(([, site]) => !says(walk, site, hidden));
}

function says(walk: Walk, site: Site, keyword: string): boolean {
  if (!isRecord(site.schema)) return false;
  if (typeof site.schema[keyword] === 'boolean') return site.schema[keyword];
  const { schema } = locate(site, walk.resolve);
  return isRecord(schema) && schema[keyword] === true;
}

/** Adds the type of an object; `base` for the part of a parent that stands for itself alone, not for its children. */
export function addObject(walk: Walk, at: Located, flat: Flat, side: Side, part?: 'base'): string {
  const key = part === undefined ? objectKey(at, side) : `${objectKey(at, side)} ${part}`;
  const written = at.ref !== undefined;
  return walk.graph.add({
    key,
    wanted: side === 'in' ? () => inputName(at.name, walk, at) : at.name,
    rank: side === 'in' ? 'input' : written ? 'written' : 'made',
    build: () => objectType(walk, at, flat, side, side === 'out' ? interfacesOf(walk.hierarchy, at, part) : []),
  });
}

/** `Order` → `OrderInput`; a schema that is called an input already and never answered keeps its name. */
export function inputName(name: string, walk: Walk, at: Pick<Located, 'ref' | 'pointer'>): string {
  return /Input$/.test(name) && !walk.graph.has(objectKey(at, 'out')) ? name : `${name}Input`;
}

function objectType(
  walk: Walk,
  at: Located,
  flat: Flat,
  side: Side,
  interfaces: readonly string[],
): TypeDefinitionNode {
  const fields = objectFields(walk, flat, side);
  const common = { ...typeText(at.schema), name: nameNode('') };
  if (side === 'in')
    return { kind: Kind.INPUT_OBJECT_TYPE_DEFINITION, ...common, fields: fields as InputValueDefinitionNode[] };
  return {
    kind: Kind.OBJECT_TYPE_DEFINITION,
    ...common,
    ...(interfaces.length > 0 ? { interfaces: interfaces.map(namedType) } : {}),
    fields: fields as FieldDefinitionNode[],
  };
}

/** The fields of an object on one side. */
export function objectFields(walk: Walk, flat: Flat, side: Side): AnyField[] {
  const properties = visibleProperties(walk, flat, side);
  const taken = new Set<string>();
  // Names that are good already are never taken away by made ones.
  const names = new Map(
    properties.filter(([name]) => isFieldName(name, side)).map(([name]) => [name, uniqueName(name, taken)]),
  );
  const fields = properties.map(([wire, site]) => {
    const name = names.get(wire) ?? uniqueName(fieldName(wire), taken);
    return property(walk, { wire, name, site, required: flat.required.has(wire) }, side);
  });
  const { extra } = flat;
  if (isRecord(extra)) fields.push(restField(walk, extra as Site, uniqueName('additionalProperties', taken), side));
  return fields;
}

type Property = { wire: string; name: string; site: Site; required: boolean };

function property(walk: Walk, { wire, name, site, required }: Property, side: Side): AnyField {
  const typed = walk.typeOf(site, side);
  const { source } = walk;
  const constant = side === 'in' ? constantOf(typed) : undefined;
  const sure = required && !typed.nullable && (side === 'in' || walk.strict);
  const directives: ConstDirectiveNode[] = [
    ...(name === wire ? [] : [directiveNode('resolveRootField', { subgraph: source, field: wire })]),
    ...wireDirectives(walk, typed, side),
    ...propertyXml(walk, site, wire),
    // An input that must be given cannot be deprecated (GraphQL spec §3.13.3).
    ...(side === 'in' && sure && constant === undefined ? [] : deprecation(site.schema)),
  ];
  const common = {
    ...described(textSite(walk, site), typed.values),
    name: nameNode(name),
    type: sure ? nonNull(typed.type) : typed.type,
    directives,
  };
  if (side === 'out') return { kind: Kind.FIELD_DEFINITION, ...common };
  return {
    kind: Kind.INPUT_VALUE_DEFINITION,
    ...common,
    ...(constant !== undefined && required ? { defaultValue: constant } : {}),
  };
}

/** What the connector must know where a type is used. */
export function wireDirectives(walk: Walk, typed: Typed, side: Side): ConstDirectiveNode[] {
  return [
    ...(typed.dictionary ? [directiveNode('dictionary', { subgraph: walk.source })] : []),
    ...(side === 'in' && typed.encode ? [directiveNode('encode', { subgraph: walk.source, as: typed.encode })] : []),
  ];
}

/** A required property that allows one value needs not be written by clients. */
function constantOf(typed: Typed): ConstValueNode | undefined {
  const [only, second] = typed.values ?? [];
  return only === undefined || second !== undefined ? undefined : valueNode(only);
}

/** Texts stand beside a reference or, where nothing is said there, at its end only when that is no type of its own. */
function textSite(walk: Walk, site: Site): unknown {
  const { schema } = site;
  if (!isRecord(schema) || schema['description'] !== undefined) return schema;
  const at = locate(site, walk.resolve);
  const plain = isRecord(at.schema) && at.schema['properties'] === undefined && at.schema['enum'] === undefined;
  return plain && at.ref !== undefined ? { ...(at.schema as object), ...schema } : schema;
}

function restField(walk: Walk, extra: Site, name: string, side: Side): AnyField {
  const typed = addEntries(walk, extra, side, 0);
  const directives = [directiveNode('dictionary', { subgraph: walk.source, rest: true })];
  const type = typed.dictionary ? typed.type : namedType('JSON');
  const kind = side === 'out' ? Kind.FIELD_DEFINITION : Kind.INPUT_VALUE_DEFINITION;
  return { kind, name: nameNode(name), type, directives } as AnyField;
}

function isFieldName(name: string, side: Side): boolean {
  // Executors look inputs up by name without asking whether the property is the object's own.
  if (side === 'in' && name in Object.prototype) return false;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('__');
}

/** `full-name` → `full_name`, `@id` → `_id`, `constructor` (in an input) → `constructor_`, `+1` → `_1`; a name of signs alone is spelled. */
export function fieldName(name: string): string {
  if (!/[A-Za-z0-9]/.test(name)) return camelCase(`field ${[...name].map((char) => char.codePointAt(0)).join(' ')}`);
  const allowed = graphqlName(name).replace(/^__+/, '_');
  return allowed in Object.prototype ? `${allowed}_` : allowed;
}
