/** What policies require of who asks, as directives of the unified schema: `coordinates` and `defaults` of `policy.yaml`. */
import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeExtensionNode,
  type SchemaExtensionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { coordinateRequirements, directivesOf, type PolicyRequirement } from '../config/coordinates.ts';
import type { Policy } from '../config/policy.ts';
import { namedTypeOf } from '../lib/ast.ts';
import { directiveArgs, directiveNode } from '../lib/sdl.ts';
import type { Placed } from './collide.ts';
import type { SourceDocument } from './documents.ts';
import type { ComposeFault } from './joins.ts';
import { fieldOf, followPath } from './paths.ts';

type Rules = Policy['coordinates'][string];

/** One key of `coordinates` that says who may ask, in unified names. */
type Entry = { source: SourceDocument; written: string; at: readonly string[]; rules: Rules };

/** The directives by unified coordinate: `Type`, `Type.field`, `Type.field.argument`. */
export function requirementDirectives(
  placed: Placed,
): { readonly coordinate: string; readonly directives: ConstDirectiveNode[] }[] {
  return entriesOf(placed).map(({ source, at, rules }) => ({
    coordinate: at.join('.'),
    directives: [
      ...directivesOf(rules).map(({ name, args }) => directiveNode(name, { ...args, subgraph: source.name })),
      ...(rules.defaults === false ? [directiveNode('withoutDefaults', {})] : []),
    ],
  }));
}

/** The transport of a source with what the source requires of all that call it. */
export function withDefaults({ name, policy, transport }: SourceDocument): SchemaExtensionNode {
  const defaults = directivesOf(policy.defaults ?? {}).map(({ name: directive, args }) =>
    directiveNode(directive, { ...args, subgraph: name }),
  );
  return { ...transport, directives: [...(transport.directives ?? []), ...defaults] };
}

/**
 * Checks that everything is required of what there is, all faults at once: a misspelled coordinate would protect nothing.
 *
 * @param leftOut joins that cannot be made at the moment, as text: what is required of them is no fault
 */
export function checkRequirements(
  placed: Placed,
  extensions: readonly ObjectTypeExtensionNode[],
  leftOut: string,
): ComposeFault[] {
  const joins = new Map(extensions.flatMap((node) => joinsOf(node)));
  const ofSources = placed.sources.flatMap(({ name, policy }) =>
    (policy.defaults?.policies ?? []).flatMap((policy): ComposeFault[] => {
      if (policy.argument === undefined && policy.field === undefined) return [];
      const message = `defaults: ${policy.name} looks at an argument or a field, and stands on those alone.`;
      return [{ file: `sources/${name}/policy.yaml`, line: 1, message }];
    }),
  );
  const words = new Set(leftOut.match(/\w+/g));
  const ofCoordinates = entriesOf(placed).flatMap((entry) => {
    if (entry.at[1] !== undefined && words.has(entry.at[1])) return [];
    const file = `sources/${entry.source.name}/policy.yaml`;
    return faultsOf(entry, joins).map((message) => ({
      file,
      line: 1,
      message: `coordinates ${entry.written}: ${message}`,
    }));
  });
  return [...ofSources, ...ofCoordinates];
}

type Joins = ReadonlyMap<string, { field: FieldDefinitionNode; source: unknown }>;

function joinsOf(node: ObjectTypeExtensionNode): [string, { field: FieldDefinitionNode; source: unknown }][] {
  return (node.fields ?? []).map((field) => {
    const join = field.directives?.find(({ name }) => name.value === 'resolveTo');
    return [`${node.name.value}.${field.name.value}`, { field, source: join && directiveArgs(join)['sourceName'] }];
  });
}

/** Whether any rule is about who may ask. */
function isAboutAccess(rules: Policy['coordinates'][string]): boolean {
  return Object.keys(coordinateRequirements).some(
    (key) => rules[key as keyof typeof coordinateRequirements] !== undefined,
  );
}

function entriesOf(placed: Placed): Entry[] {
  return placed.sources.flatMap((source) =>
    Object.entries(source.policy.coordinates).flatMap(([written, rules]) => {
      if (!isAboutAccess(rules)) return [];
      const [type = '', field, ...rest] = written.split('.');
      const root = field === undefined ? undefined : placed.fieldNames.get(source.name)?.get(`${type}.${field}`);
      const unified = placed.typeNames.get(source.name)?.get(type) ?? type;
      return [{ source, written, at: [unified, ...(field === undefined ? [] : [root ?? field, ...rest])], rules }];
    }),
  );
}

function faultsOf({ source, at, rules }: Entry, joins: Joins): string[] {
  const [type = '', name, argument] = at;
  const rootFields = source.roots.get(type);
  const node = source.types.get(type);
  if (!node && !rootFields) return ['the source has no such type.'];
  const isDefaultsOnly = Object.entries(rules).every(([key, value]) => value === undefined || key === 'defaults');
  if (name === undefined) {
    if (rootFields) return ['names all entries of all sources: require it of this one in defaults.'];
    return [
      ...(rules.defaults === false ? ['defaults stands on root fields and joins.'] : []),
      ...aboutType(source, type, rules),
    ];
  }
  const join = joins.get(`${type}.${name}`);
  const field =
    rootFields?.find((each) => each.name.value === name) ?? fieldOf(source.types, type, name) ?? join?.field;
  if (!field) return ['the source has no such field.'];
  const faults: string[] = [];
  if (rules.defaults === false && !(rootFields || join?.source === source.name)) {
    faults.push('defaults stands on root fields of this source, and on joins that call it.');
  }
  if (argument !== undefined) {
    const found = 'arguments' in field && field.arguments?.find((each) => each.name.value === argument);
    if (!found) return [...faults, 'the field has no such argument.'];
    if (rules.defaults === false) faults.push('defaults stands on fields.');
  }
  if (isDefaultsOnly) return faults;
  const args = field.kind === Kind.FIELD_DEFINITION ? (field.arguments ?? []) : undefined;
  return [
    ...faults,
    ...(rules.policies ?? []).flatMap((policy) =>
      aboutField(source, { type, isRoot: rootFields !== undefined, args, argument }, policy),
    ),
  ];
}

function aboutType(source: SourceDocument, type: string, { policies = [] }: Rules): string[] {
  const node = source.types.get(type) as TypeDefinitionNode;
  const hasFields = node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;
  return policies.flatMap(({ name, argument, field }) => {
    if (argument !== undefined) return [`${name} looks at an argument, and stands on fields that have it.`];
    if (field === undefined) return [];
    if (!hasFields) return [`${name} looks at a field, and stands on types and fields of objects.`];
    return followPath(source.types, type, field) === undefined ? [`${name}: ${type} has no field ${field}.`] : [];
  });
}

type Place = {
  type: string;
  isRoot: boolean;
  /** Undefined for a field of an input. */
  args: readonly InputValueDefinitionNode[] | undefined;
  /** The argument it stands on, if it does. */
  argument: string | undefined;
};

function aboutField(
  source: SourceDocument,
  { type, isRoot, args, argument: on }: Place,
  { name, argument, field }: PolicyRequirement,
): string[] {
  if (field !== undefined) {
    if (args === undefined || on !== undefined)
      return [`${name} looks at a field, and stands on types and fields of objects.`];
    if (isRoot) return [`${name} looks at a field of an object: write it on the type that the field answers.`];
    return followPath(source.types, type, field) === undefined ? [`${name}: ${type} has no field ${field}.`] : [];
  }
  if (argument === undefined) return [];
  if (args === undefined) return [`${name} looks at an argument, and stands on fields that have it.`];
  const [first = '', ...rest] = argument.split('.');
  const given = args.find((each) => each.name.value === first);
  const inner = given && followPath(source.types, namedTypeOf(given.type).name.value, rest.join('.'));
  return inner === undefined ? [`${name}: the field has no argument ${argument}.`] : [];
}
