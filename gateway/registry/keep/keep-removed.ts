/** What a contract has dropped, kept for clients that still ask for it: deprecated, and mapped to the wire as before. */
import { Kind, type ObjectTypeExtensionNode, type TypeDefinitionNode, type TypeNode, visit } from 'graphql';
import { isRootType, namedTypeOf } from '../../lib/ast.ts';
import { isRecord } from '../../lib/json.ts';
import { directiveNode } from '../../lib/sdl.ts';
import { mergeDescriptors } from './descriptors.ts';
import { agreeOnInterfaces } from './interfaces.ts';
import { type KeepRules, keptFields, keptInputs, keptValues, withArguments } from './members.ts';
import { readText, type SourceText, transportOf, withTransport, writeText } from './text.ts';

const BUILT_IN = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);

/**
 * The newer text of a source with the root fields, fields, optional arguments and input fields, and enum values of the older one that
 * it lacks, and the types they need. Kept as far as the wire allows: a GraphQL service refuses what it does not have, and a number
 * of a .proto that means something else now is not read as what it was. The newer text's first line stays.
 *
 * @param since when the contract dropped it, as people write it; it stands in the reason of the deprecation
 * @throws GraphQLError when a text is no SDL
 */
export function keepRemoved(olderText: string, newerText: string, since?: string): string {
  const [older, plain] = [readText(olderText), readText(newerText)];
  const { kind } = transportOf(plain);
  if (kind !== transportOf(older)['kind'] || kind === 'graphql') return newerText;
  const { text: newer, lost } =
    kind === 'grpc' ? withOldDescriptors(older, plain) : { text: plain, lost: new Set<string>() };
  const rules: KeepRules = {
    fits: (type) => fits(type, older.types, newer.types),
    lost,
    // A message says of a field that is absent what its default is; an object of JSON says nothing.
    mayBeMissing: kind !== 'grpc',
    reason: since === undefined ? 'Not in the contract any more' : `Not in the contract since ${since}`,
  };
  const kept = new Map([...newer.types].map(([name, node]) => [name, merge(older.types.get(name), node, rules)]));
  for (const [name, node] of older.types) if (isRootType(node) && !kept.has(name)) kept.set(name, emptied(node, rules));
  const links = [...newer.links, ...keptLinks(older, newer, rules)];
  bringTypes(kept, links, older.types, rules);
  const types = agreeOnInterfaces(kept, newer.types);
  const whole = writeText({ ...newer, types, links });
  return whole === writeText(plain) ? newerText : whole;
}

type Types = ReadonlyMap<string, TypeDefinitionNode>;

/** Whether a type is there as what it was, or can come back with something in it. */
function fits(name: string, older: Types, newer: Types): boolean {
  const node = older.get(name);
  if (BUILT_IN.has(name) || node === undefined) return true;
  if (newer.has(name)) return isOfOneKind(name, older, newer);
  const members = partsOf(node);
  return members.length === 0 || members.some((member) => isOfOneKind(member, older, newer));
}

function isOfOneKind(name: string, older: Types, newer: Types): boolean {
  const [before, now] = [older.get(name), newer.get(name)];
  return before === undefined || now === undefined || before.kind === now.kind;
}

/** The types that a union or the fields of a type are made of. */
function partsOf(node: TypeDefinitionNode): string[] {
  if (node.kind === Kind.UNION_TYPE_DEFINITION) return (node.types ?? []).map(({ name }) => name.value);
  return 'fields' in node ? (node.fields ?? []).map(({ type }) => namedTypeOf(type).name.value) : [];
}

function merge(older: TypeDefinitionNode | undefined, newer: TypeDefinitionNode, rules: KeepRules): TypeDefinitionNode {
  if (older === undefined || older.kind !== newer.kind) return newer;
  if (newer.kind === Kind.ENUM_TYPE_DEFINITION && older.kind === Kind.ENUM_TYPE_DEFINITION)
    return { ...newer, values: [...(newer.values ?? []), ...keptValues(older.values, newer.values, rules)] };
  if (newer.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && older.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    return { ...newer, fields: [...(newer.fields ?? []), ...keptInputs(older.fields, newer.fields, rules)] };
  if (!('fields' in newer) || !('fields' in older) || newer.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) return newer;
  const before = older.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? [] : (older.fields ?? []);
  const isRoot = isRootType(newer);
  const byName = new Map(before.map((field) => [field.name.value, field]));
  const own = (newer.fields ?? []).map((field) => {
    const former = isRoot ? byName.get(field.name.value) : undefined;
    return former ? withArguments(former, field, rules) : field;
  });
  return {
    ...newer,
    fields: [...own, ...keptFields(before, newer.fields, isRoot ? { ...rules, mayBeMissing: false } : rules)],
  };
}

/** A root type that the newer text does not have at all. */
function emptied(node: TypeDefinitionNode, rules: KeepRules): TypeDefinitionNode {
  return merge(node, { ...node, fields: [] } as TypeDefinitionNode, rules);
}

/** Joins of the contract whose fields the newer text has nowhere. */
function keptLinks(older: SourceText, newer: SourceText, rules: KeepRules): ObjectTypeExtensionNode[] {
  return older.links.flatMap((node) => {
    const name = node.name.value;
    const type = newer.types.get(name);
    const declared = type && 'fields' in type ? (type.fields ?? []) : [];
    const linked = newer.links.filter((link) => link.name.value === name).flatMap(({ fields }) => fields ?? []);
    const there = [...declared, ...linked].filter((field) => field.kind === Kind.FIELD_DEFINITION);
    const fields = type?.kind === Kind.OBJECT_TYPE_DEFINITION ? keptFields(node.fields, there, rules) : [];
    return fields.length > 0 ? [{ ...node, fields }] : [];
  });
}

/** Adds the types that what was kept needs, and those that they need, as far as they fit. */
function bringTypes(
  kept: Map<string, TypeDefinitionNode>,
  links: readonly ObjectTypeExtensionNode[],
  older: ReadonlyMap<string, TypeDefinitionNode>,
  rules: KeepRules,
): void {
  const queue = [...kept.values(), ...links].flatMap(referenced);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const node = kept.has(name) ? undefined : older.get(name);
    if (!node) continue;
    const whole = fitting(node, rules);
    kept.set(name, whole);
    queue.push(...referenced(whole));
  }
}

/** A type of the older text without what cannot stand beside the newer one. */
function fitting(node: TypeDefinitionNode, rules: KeepRules): TypeDefinitionNode {
  const isFit = (type: TypeNode): boolean => rules.fits(namedTypeOf(type).name.value);
  if (node.kind === Kind.UNION_TYPE_DEFINITION) return { ...node, types: node.types?.filter(isFit) ?? [] };
  if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    return { ...node, fields: node.fields?.filter(({ type }) => isFit(type)) ?? [] };
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return node;
  return { ...node, fields: node.fields?.filter(({ type }) => isFit(type)) ?? [] };
}

function referenced(node: TypeDefinitionNode | ObjectTypeExtensionNode): string[] {
  const names: string[] = [];
  visit(node, { NamedType: ({ name }) => void names.push(name.value) });
  return names;
}

/** The newer text with the descriptors of both, and what could not be kept of the older. */
function withOldDescriptors(older: SourceText, newer: SourceText): { text: SourceText; lost: ReadonlySet<string> } {
  const transport = transportOf(newer);
  const options = isRecord(transport['options']) ? transport['options'] : {};
  const before = rootsOf(transportOf(older));
  const lost = new Set<string>();
  const roots = [...rootsOf(transport)].map(([name, json]) => {
    const merged = mergeDescriptors(before.get(name) ?? {}, json);
    for (const each of merged.lost) lost.add(each);
    return { name, rootJson: JSON.stringify(merged.json) };
  });
  return {
    text: withTransport(newer, directiveNode('transport', { ...transport, options: { ...options, roots } })),
    lost,
  };
}

function rootsOf({ options }: Record<string, unknown>): Map<string, Record<string, unknown>> {
  const roots = isRecord(options) && Array.isArray(options['roots']) ? options['roots'] : [];
  return new Map(
    roots.filter(isRecord).map(({ name, rootJson }) => {
      const json: unknown = JSON.parse(String(rootJson));
      return [String(name), isRecord(json) ? json : {}];
    }),
  );
}
