import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  GraphQLError,
  Kind,
  type ObjectTypeExtensionNode,
  parse,
  type TypeDefinitionNode,
} from 'graphql';
import { isRequirement, readRequirement } from '../config/coordinates.ts';
import { namedTypeOf } from '../lib/ast.ts';
import { directiveArgs, directiveNode } from '../lib/sdl.ts';
import { WIRE_DIRECTIVES } from '../lib/wire-directives.ts';
import type { Placed } from './collide.ts';
import type { ComposeSource } from './documents.ts';
import { fieldOf, followPath, uniteTypes } from './paths.ts';

/** A fault in what a team wrote: where, and what to change. */
export type ComposeFault = { file: string; line: number; message: string };

export type Joins = { extensions: ObjectTypeExtensionNode[]; faults: ComposeFault[] };

const KEYS = new Set([
  'sourceName',
  'sourceTypeName',
  'sourceFieldName',
  'requiredSelectionSet',
  'sourceArgs',
  'keyField',
  'keysArg',
  'valueKeyField',
  'result',
  'keyFields',
  'keysArgFields',
  'valueKeyFields',
  'batchSize',
]);

/** Directives that have a meaning on a join. */
const KNOWN = new Set([
  'deprecated',
  'tag',
  ...[...WIRE_DIRECTIVES.matchAll(/^directive @(\w+)/gm)].map(([, name]) => name),
]);

/**
 * Reads every `joins.graphql` and checks each join against the schema it joins, all faults at once. Where sources are absent,
 * a join that cannot be made is left out: a bad source takes its own joins with it and nothing else.
 */
export function readJoins(sources: readonly ComposeSource[], placed: Placed, absent: ReadonlySet<string>): Joins {
  const types = uniteTypes(placed.sources);
  const joins: Joins = { extensions: [], faults: [] };
  for (const source of sources) {
    const file = `sources/${source.name}/joins.graphql`;
    const fault = (line: number | undefined, message: string): void =>
      void joins.faults.push({ file, line: line ?? 1, message });
    if (source.joins.trim() === '' || !/^[^#\s]/m.test(source.joins)) continue;
    try {
      for (const node of parse(source.joins).definitions) {
        if (node.kind !== Kind.OBJECT_TYPE_EXTENSION) {
          fault(node.loc?.startToken.line, 'joins.graphql only adds fields: write `extend type …`.');
          continue;
        }
        const extension = checkExtension(node, types, placed, absent.size > 0 ? undefined : fault);
        if (extension) joins.extensions.push(extension);
      }
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      fault(error.locations?.[0]?.line, error.message);
    }
  }
  joins.extensions.push(...linkExtensions(placed, types, joins.extensions));
  return joins;
}

/** Joins that contracts make, by links: what a team wrote under the same name comes first, and so does a field of another source. */
function linkExtensions(
  placed: Placed,
  types: Types,
  written: readonly ObjectTypeExtensionNode[],
): ObjectTypeExtensionNode[] {
  const coordinate = (node: ObjectTypeExtensionNode, field: FieldDefinitionNode): string =>
    `${node.name.value}.${field.name.value}`;
  const taken = new Set(written.flatMap((node) => (node.fields ?? []).map((field) => coordinate(node, field))));
  return placed.sources.flatMap(({ links }) =>
    links.flatMap((node) => {
      const fields = (node.fields ?? []).filter((field) => !taken.has(coordinate(node, field)));
      const extension = checkExtension({ ...node, fields }, types, placed, undefined);
      for (const field of extension?.fields ?? []) taken.add(coordinate(node, field));
      return extension ? [extension] : [];
    }),
  );
}

type Types = ReadonlyMap<string, TypeDefinitionNode>;
type Report = (line: number | undefined, message: string) => void;

function checkExtension(
  node: ObjectTypeExtensionNode,
  types: Types,
  placed: Placed,
  fault: Report | undefined,
): ObjectTypeExtensionNode | undefined {
  const name = node.name.value;
  if (!types.has(name)) {
    fault?.(node.loc?.startToken.line, `There is no type ${name}.`);
    return undefined;
  }
  if (node.directives?.length)
    fault?.(node.loc?.startToken.line, `${name}: rules for a type stand in policy.yaml, below coordinates.`);
  const fields = (node.fields ?? []).flatMap((field) => {
    const messages: string[] = [];
    const checked = checkField(field, name, types, placed, (message) => void messages.push(message));
    for (const message of messages) fault?.(field.loc?.startToken.line, `${name}.${field.name.value}: ${message}`);
    return checked && messages.length === 0 ? [checked] : [];
  });
  return fields.length > 0 ? { ...node, fields } : undefined;
}

function checkField(
  field: FieldDefinitionNode,
  parent: string,
  types: Types,
  placed: Placed,
  report: (message: string) => void,
): FieldDefinitionNode | undefined {
  if (fieldOf(types, parent, field.name.value))
    report('the contract has this field already; a join needs a name of its own.');
  const used = [field, ...(field.arguments ?? [])].flatMap((node) => node.directives ?? []);
  for (const message of used.flatMap(checkDirective)) report(message);
  const [directive, second] = (field.directives ?? []).filter((used) => used.name.value === 'resolveTo');
  if (!directive || second) return void report('needs exactly one @resolveTo.');
  const target = checkJoin(field, parent, directive, types, placed, report);
  return (
    target && { ...field, directives: (field.directives ?? []).map((used) => (used === directive ? target : used)) }
  );
}

/** A directive that nobody knows is one that does nothing, which is worst where it should have kept somebody out. */
function checkDirective(directive: ConstDirectiveNode): string[] {
  const name = directive.name.value;
  if (!isRequirement(name)) return KNOWN.has(name) ? [] : [`there is no directive @${name} here.`];
  const read = readRequirement(name, directiveArgs(directive));
  return 'fault' in read ? [`${read.fault}.`] : [];
}

/** @returns the directive with the target's unified name, or undefined after reporting what is wrong. */
function checkJoin(
  field: FieldDefinitionNode,
  parent: string,
  directive: ConstDirectiveNode,
  types: Types,
  placed: Placed,
  report: (message: string) => void,
): ConstDirectiveNode | undefined {
  const args = directiveArgs(directive);
  for (const key of Object.keys(args)) if (!KEYS.has(key)) report(`@resolveTo has no argument ${key}.`);
  const source = placed.sources.find(({ name }) => name === args['sourceName']);
  if (!source)
    return void report(
      `there is no source ${String(args['sourceName'])}; there are ${placed.sources.map(({ name }) => name).join(', ')}.`,
    );
  const root = typeof args['sourceTypeName'] === 'string' ? args['sourceTypeName'] : 'Query';
  const own = String(args['sourceFieldName']);
  const unified = placed.fieldNames.get(source.name)?.get(`${root}.${own}`) ?? own;
  const target = source.roots.get(root)?.find(({ name }) => name.value === unified);
  if (!target) return void report(`${source.name} has no ${root}.${own}.`);
  const rows = followPath(types, namedTypeOf(target.type).name.value, text(args['result']));
  if (rows === undefined) return void report(`${root}.${own} has no ${String(args['result'])} in its answer.`);
  const wanted = namedTypeOf(field.type).name.value;
  if (rows !== wanted) report(`is declared as ${wanted}, but ${root}.${own} answers ${rows}.`);
  const keyFields = list(args['keyFields']) ?? list(args['keyField']);
  if (!keyFields && args['sourceArgs'] === undefined)
    report('needs keyField (or keyFields) and keysArg, or sourceArgs.');
  for (const key of keyFields ?? [])
    if (followPath(types, parent, key) === undefined) report(`${parent} has no ${key} to take the key from.`);
  for (const key of list(args['valueKeyFields']) ?? list(args['valueKeyField']) ?? []) {
    if (followPath(types, rows, key) === undefined) report(`${rows} has no ${key} to match the key with.`);
  }
  const keysArg = text(args['keysArg']);
  const bulk = keysArg !== undefined && takesMany(target, keysArg, types);
  if (bulk && !list(args['valueKeyFields']) && !list(args['valueKeyField'])) {
    const isKnown = types.get(rows)?.kind === Kind.OBJECT_TYPE_DEFINITION;
    for (const key of keyFields ?? [])
      if (isKnown && followPath(types, parent, key) !== undefined && followPath(types, rows, key) === undefined)
        report(`${rows} has no ${key}: write valueKeyField, the field of ${rows} that holds its key.`);
  }
  if (keysArg !== undefined) {
    const [first = '', ...rest] = keysArg.split('.');
    const arg = target.arguments?.find(({ name }) => name.value === first);
    if (!arg || followPath(types, namedTypeOf(arg.type).name.value, rest.join('.')) === undefined)
      report(`${root}.${own} has no argument ${keysArg}.`);
  } else if (keyFields && !list(args['keysArgFields'])) report('needs keysArg: the argument that takes the keys.');
  return directiveNode('resolveTo', { ...args, sourceFieldName: unified, sourceTypeName: root });
}

/** Whether the argument at a path takes a list of keys: then the rows of several come in one answer. */
function takesMany(target: FieldDefinitionNode, keysArg: string, types: Types): boolean {
  const [first = '', ...rest] = keysArg.split('.');
  let type = target.arguments?.find(({ name }) => name.value === first)?.type;
  for (const name of rest) type = type && fieldOf(types, namedTypeOf(type).name.value, name)?.type;
  return type?.kind === Kind.LIST_TYPE || (type?.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.LIST_TYPE);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
}
