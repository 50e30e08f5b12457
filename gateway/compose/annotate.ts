import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeExtensionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { isRequirement } from '../config/coordinates.ts';
import { isRootType, nullable, weaker } from '../lib/ast.ts';
import { addTo } from '../lib/multi-map.ts';
import { directiveNode, directivesNamed } from '../lib/sdl.ts';
import { cacheEntries } from './cache/entries.ts';
import type { Placed } from './collide.ts';
import type { PlacedDirective } from './coordinates.ts';
import { mergeEntries } from './merges.ts';
import { fieldOf } from './paths.ts';
import { requirementDirectives } from './requirements.ts';

type Fielded = { name: { value: string }; directives?: readonly ConstDirectiveNode[] };

/**
 * Puts the wire mapping onto the unified types: stitching unites types but loses what each source said of its own. Directives of
 * all sources stand side by side, told apart by `subgraph`.
 */
export function annotate(
  document: DocumentNode,
  placed: Placed,
  extensions: readonly ObjectTypeExtensionNode[],
  rules: readonly PlacedDirective[],
): DocumentNode {
  const owners = ownersOf(placed);
  const own = directivesOf(placed, extensions, rules);
  const definitions: DefinitionNode[] = [];
  for (const node of document.definitions) {
    if (
      node.kind === Kind.DIRECTIVE_DEFINITION ||
      node.kind === Kind.SCHEMA_DEFINITION ||
      !('name' in node) ||
      !node.name
    )
      continue;
    const type = node as TypeDefinitionNode;
    if (!isRootType(type) && !owners.has(type.name.value)) continue;
    definitions.push(annotateType(type, placed, owners, own));
  }
  return { kind: Kind.DOCUMENT, definitions };
}

type Owners = ReadonlyMap<string, readonly { source: string; own: string }[]>;
type Directives = ReadonlyMap<string, readonly ConstDirectiveNode[]>;

function annotateType(node: TypeDefinitionNode, placed: Placed, owners: Owners, own: Directives): TypeDefinitionNode {
  const name = node.name.value;
  const sources = owners.get(name) ?? [];
  const directives = [
    ...(own.get(name) ?? []).filter((directive) => directive.name.value !== 'source'),
    ...sources.map(({ source, own: old }) =>
      directiveNode('source', { subgraph: source, name: old === name ? undefined : old }),
    ),
  ];
  if (node.kind === Kind.ENUM_TYPE_DEFINITION) {
    const values = (node.values ?? []).map((value) => ({
      ...value,
      directives: own.get(`${name}.${value.name.value}`) ?? [],
    }));
    return { ...node, directives, values };
  }
  if (!('fields' in node) || !node.fields) return { ...node, directives };
  const entity = placed.entities.has(name);
  const fields = [...node.fields].map((field) => {
    const at = `${name}.${field.name.value}`;
    const mapped = withArguments({ ...field, directives: own.get(at) ?? [] } as FieldDefinitionNode, at, own);
    return entity
      ? entityField(
          mapped,
          name,
          sources.map(({ source }) => source),
          placed,
        )
      : mapped;
  });
  return { ...node, directives, fields } as TypeDefinitionNode;
}

/** A field of a shared type says which sources have it; one that not all have may be missing, so it is nullable. */
function entityField(
  field: FieldDefinitionNode,
  type: string,
  sources: readonly string[],
  placed: Placed,
): FieldDefinitionNode {
  const having = placed.sources.filter((source) => {
    const node = source.types.get(type);
    return node !== undefined && fieldOf(source.types, type, field.name.value) !== undefined;
  });
  if (having.length === 0) return field;
  const marks = having.map(({ name }) => directiveNode('source', { subgraph: name }));
  const directives = [...(field.directives ?? []), ...marks];
  const types = having.flatMap((source) => {
    const own = fieldOf(source.types, type, field.name.value)?.type;
    return own ? [own] : [];
  });
  const common = types.reduce(weaker, field.type);
  return { ...field, directives, type: having.length === sources.length ? common : nullable(common) };
}

function withArguments(field: FieldDefinitionNode, at: string, own: Directives): FieldDefinitionNode {
  if (!field.arguments?.length) return field;
  return {
    ...field,
    arguments: field.arguments.map((arg) => ({ ...arg, directives: own.get(`${at}.${arg.name.value}`) ?? [] })),
  };
}

function ownersOf(placed: Placed): Owners {
  const owners = new Map<string, { source: string; own: string }[]>();
  for (const source of placed.sources) {
    for (const [name, unified] of placed.typeNames.get(source.name) ?? []) {
      // A type renamed when it was read says itself what the source calls it.
      const [said] = directivesNamed(source.types.get(unified), 'source');
      const own = typeof said?.['name'] === 'string' ? said['name'] : name;
      addTo(owners, unified, { source: source.name, own });
    }
  }
  return owners;
}

/** Directives by coordinate (`Type`, `Type.field`, `Type.field.argument`), equal ones once. */
function directivesOf(
  placed: Placed,
  extensions: readonly ObjectTypeExtensionNode[],
  rules: readonly PlacedDirective[],
): Directives {
  const found = new Map<string, ConstDirectiveNode[]>();
  const add = (at: string, node: Fielded): void => {
    const list = found.get(at) ?? [];
    for (const directive of node.directives ?? []) {
      // Only wire mappings and requirements may stand several times; a text directive of a second source gives way to the first.
      if (
        isRequirement(directive.name.value) ||
        directive.arguments?.some(({ name }) => name.value === 'subgraph') ||
        !list.some(({ name }) => name.value === directive.name.value)
      )
        list.push(directive);
    }
    found.set(at, list);
  };
  const addFields = (type: string, fields: readonly Fielded[]): void => {
    for (const field of fields) {
      add(`${type}.${field.name.value}`, field);
      for (const arg of (field as FieldDefinitionNode).arguments ?? [])
        add(`${type}.${field.name.value}.${arg.name.value}`, arg);
    }
  };
  for (const source of placed.sources) {
    for (const [root, fields] of source.roots) addFields(root, fields);
    for (const [coordinate, unified] of placed.fieldNames.get(source.name) ?? []) {
      const [root = '', name = ''] = coordinate.split('.');
      const directives = unified === name ? [] : [directiveNode('source', { subgraph: source.name, name })];
      add(`${root}.${unified}`, { name: { value: unified }, directives });
    }
    for (const [name, node] of source.types) {
      add(name, node);
      if ('fields' in node) addFields(name, node.fields ?? []);
      if (node.kind === Kind.ENUM_TYPE_DEFINITION) addFields(name, node.values ?? []);
    }
  }
  for (const node of extensions) addFields(node.name.value, node.fields ?? []);
  for (const { root, field, args } of mergeEntries(placed))
    add(`${root}.${field}`, { name: { value: field }, directives: [directiveNode('merge', args)] });
  for (const { type, field, directive } of cacheEntries(placed))
    add(`${type}.${field}`, { name: { value: field }, directives: [directive] });
  for (const { at, directive } of rules) add(at, { name: { value: at }, directives: [directive] });
  for (const { coordinate, directives } of requirementDirectives(placed))
    add(coordinate, { name: { value: coordinate }, directives });
  return found;
}
