import {
  type ArgumentNode,
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  Kind,
  print,
  type SelectionNode,
  type TypeNode,
  visit,
} from 'graphql';
import type { CallSelection } from '../connect/connector.ts';
import { namedTypeOf, nonNull, withNamedType } from '../lib/ast.ts';
import { KEY_ALIAS, wirePath } from './keys.ts';
import { fieldSources, lookupOf, type Model, named, readJoin, wireName } from './model.ts';

/** Part of a selection in a GraphQL source's own names, with the client variables it uses. */
export type Piece = { text: string; variables: Map<string, { type: string; value: unknown }> };

/**
 * The client's selections on `type`, as `source` is to be asked: only what the source owns, plus the keys that joins and
 * shared types need, each under an alias of its own.
 */
export function selectPiece(
  model: Model,
  info: GraphQLResolveInfo,
  nodes: readonly FieldNode[],
  type: GraphQLNamedType,
  source: string,
): Piece {
  const writer: Writer = { model, info, source, variables: new Map() };
  return {
    text: nodes.flatMap((node) => fields(writer, node.selectionSet?.selections ?? [], type)).join(' '),
    variables: writer.variables,
  };
}

/** One field under its response key, for a lookup that is to bring just this field. */
export function fieldPiece(model: Model, info: GraphQLResolveInfo, source: string): Piece {
  const writer: Writer = { model, info, source, variables: new Map() };
  return {
    text: info.fieldNodes.flatMap((node) => field(writer, node, info.parentType)).join(' '),
    variables: writer.variables,
  };
}

/** A selection set of all pieces, below `result`, with `keys` beside them. Empty where nothing is selected: a leaf. */
export function selectionOf(pieces: readonly Piece[], result: readonly string[], keys: string): CallSelection {
  const variables = new Map(pieces.flatMap((piece) => [...piece.variables]));
  const inner = [...new Set([keys, ...pieces.map(({ text }) => text)])].filter((text) => text !== '').join(' ');
  if (inner === '') return { text: '', variables };
  return { text: result.reduceRight((text, name) => `{ ${name} ${text} }`, `{ ${inner} }`), variables };
}

/** Keys in the source's names, each first step under its alias: `_k_customer: customer { id }`. */
export function keySelection(
  type: GraphQLNamedType | undefined,
  paths: readonly (readonly string[])[],
  source: string,
): string {
  return paths
    .map((path) => {
      const [first = '', ...rest] = wirePath(type, path, source);
      return `${KEY_ALIAS}${path[0]}: ${first}${rest.reduceRight((text, name) => ` { ${name}${text} }`, '')}`;
    })
    .join(' ');
}

/** What the source must be asked so that the values at `paths` can be had: they themselves, or the key to where they stand. */
function neededKeys(
  { model, source }: Writer,
  type: GraphQLObjectType,
  paths: readonly (readonly string[])[],
): string[] {
  const own = paths.flatMap((path) => {
    const field = type.getFields()[path[0] ?? ''];
    const owners = field ? fieldSources(field) : [];
    if (!field || owners.length === 0 || owners.includes(source)) return [path];
    return lookupOf(model, type.name, field)?.keys ?? [];
  });
  return own.length > 0 ? [keySelection(type, own, source)] : [];
}

type Writer = { model: Model; info: GraphQLResolveInfo; source: string; variables: Piece['variables'] };

function fields(writer: Writer, selections: readonly SelectionNode[], type: GraphQLNamedType): string[] {
  const parts: string[] = isAbstractType(type) ? ['__typename'] : [];
  for (const node of selections) {
    if (!isIncluded(writer, node)) continue;
    if (node.kind === Kind.FIELD) parts.push(...field(writer, node, type));
    else parts.push(...fragment(writer, node, type));
  }
  return parts;
}

function fragment(writer: Writer, node: Exclude<SelectionNode, FieldNode>, type: GraphQLNamedType): string[] {
  const definition = node.kind === Kind.FRAGMENT_SPREAD ? writer.info.fragments[node.name.value] : node;
  const name = definition?.typeCondition?.name.value ?? type.name;
  const target = writer.model.schema.getType(name);
  if (!definition || !target) return [];
  if (!writer.model.ownersOf(name).includes(writer.source)) {
    // An interface or union that only another source knows: its members here are asked as what they are.
    const covers = isAbstractType(target) && isObjectType(type) && writer.model.schema.isSubType(target, type);
    return covers ? fields(writer, definition.selectionSet.selections, type) : [];
  }
  const inner = fields(writer, definition.selectionSet.selections, target).join(' ');
  return inner === '' ? [] : [`... on ${writer.model.ownName(name, writer.source)} { ${inner} }`];
}

function field(writer: Writer, node: FieldNode, type: GraphQLNamedType): string[] {
  const { model, source } = writer;
  const responseKey = node.alias?.value ?? node.name.value;
  if (node.name.value === '__typename') return [node.alias ? `${responseKey}: __typename` : '__typename'];
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const definition = type.getFields()[node.name.value];
  if (!definition) return [];
  const join = readJoin(definition);
  if (join) return isObjectType(type) ? neededKeys(writer, type, [...join.keys, ...join.rootPaths]) : [];
  const owners = fieldSources(definition);
  if (owners.length > 0 && !owners.includes(source)) {
    return isObjectType(type) ? neededKeys(writer, type, lookupOf(model, type.name, definition)?.keys ?? []) : [];
  }
  const below = named(definition.type);
  const inner = isLeafType(below) ? '' : fields(writer, node.selectionSet?.selections ?? [], below).join(' ');
  const selection = isLeafType(below) ? '' : ` { ${inner === '' ? '__typename' : inner} }`;
  return [`${responseKey}: ${wireName(definition, source)}${argumentsText(writer, node.arguments ?? [])}${selection}`];
}

function argumentsText(writer: Writer, args: readonly ArgumentNode[]): string {
  if (args.length === 0) return '';
  for (const arg of args) {
    visit(arg, {
      Variable: ({ name }) => {
        const definition = writer.info.operation.variableDefinitions?.find(
          ({ variable }) => variable.name.value === name.value,
        );
        if (!definition) return;
        const value = writer.info.variableValues[name.value];
        const type = ownType(writer, definition.type);
        // A nullable variable with a default may stand where null may not; its default is not sent along, its value is.
        const sent = value === undefined || value === null ? type : nonNull(type);
        writer.variables.set(name.value, { type: print(sent), value });
      },
    });
  }
  return `(${args.map((arg) => print(arg)).join(', ')})`;
}

function ownType(writer: Writer, type: TypeNode): TypeNode {
  return withNamedType(type, writer.model.ownName(namedTypeOf(type).name.value, writer.source));
}

function isIncluded(writer: Writer, node: SelectionNode): boolean {
  const values = writer.info.variableValues;
  if (getDirectiveValues(GraphQLSkipDirective, node, values)?.['if'] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, values)?.['if'] !== false;
}
