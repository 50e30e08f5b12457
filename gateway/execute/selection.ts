import {
  type ArgumentNode,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  print,
  type TypeNode,
  visit,
} from 'graphql';
import type { CallSelection } from '../connect/connector.ts';
import { namedTypeOf, nonNull, withNamedType } from '../lib/ast.ts';
import { KEY_ALIAS, wirePath } from './keys.ts';
import { fieldSources, lookupOf, type Model, wireName } from './model.ts';
import type { Plan, PlanNode } from './plan.ts';
import { type Shape, shapesOf } from './shapes.ts';

/** Part of a selection in a GraphQL source's own names, with the types of the client's variables it uses. */
export type Piece = {
  text: string;
  variables: ReadonlyMap<string, VariableTypes>;
  /** In place of a text, for sources that take a field mask: wire paths below the rows. */
  paths?: readonly string[];
};
/** How the source is told of a variable: without a value it may be null. */
type VariableTypes = { nullable: string; required: string };

export type Selections = {
  /**
   * What the client selected below a field, as the field's source is to be asked: only what that source owns, plus the keys that joins
   * and shared types need, each under an alias of its own.
   */
  below(plan: Plan, node: PlanNode): Piece;
  /** The field itself under its response key, for a lookup that is to bring just this part of a shared type. */
  part(plan: Plan, node: PlanNode): Piece;
};

/** Writes selections for GraphQL sources; each is written once for a plan. */
export function createSelections(model: Model): Selections {
  const inside = new WeakMap<PlanNode, Piece>();
  const whole = new WeakMap<PlanNode, Piece>();
  const once = (known: WeakMap<PlanNode, Piece>, plan: Plan, node: PlanNode, write: Write): Piece => {
    let piece = known.get(node);
    if (!piece) {
      const variables = new Map<string, VariableTypes>();
      piece = { text: write({ model, plan, source: node.source, variables }, node), variables };
      known.set(node, piece);
    }
    return piece;
  };
  return {
    below: (plan, node) => once(inside, plan, node, fieldsBelow),
    part: (plan, node) => once(whole, plan, node, (writer) => property(writer, node, node.type)),
  };
}

/** A selection set of all pieces, below `result`, with `keys` beside them. Empty where nothing is selected: a leaf. */
export function selectionOf(
  pieces: readonly Piece[],
  result: readonly string[],
  keys: string,
  values: Readonly<Record<string, unknown>>,
): CallSelection {
  const variables = new Map<string, { type: string; value: unknown }>();
  for (const piece of pieces) {
    for (const [name, { nullable, required }] of piece.variables) {
      const value = values[name];
      // A nullable variable with a default may stand where null may not; its default is not sent along, its value is.
      variables.set(name, { type: value === undefined || value === null ? nullable : required, value });
    }
  }
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

type Writer = { model: Model; plan: Plan; source: string; variables: Map<string, VariableTypes> };
type Write = (writer: Writer, node: PlanNode) => string;

function fieldsBelow(writer: Writer, node: PlanNode): string {
  if (isLeafType(node.of)) return '';
  if (isObjectType(node.of)) return fields(writer, node.of, node.below(node.of)).join(' ');
  const { model, source } = writer;
  const shapes = shapesOf(model, node).flatMap(({ types, children }): Shape[] => {
    const own = types.filter(({ name }) => model.ownersOf(name).includes(source));
    return own.length === 0 ? [] : [{ types: own, children }];
  });
  // What most members are asked alike is asked of the interface; members that differ are asked one by one.
  const { of } = node;
  const common = isInterfaceType(of) ? shapes.find((shape) => isOfInterface(of, shape)) : undefined;
  const parts = ['__typename'];
  if (common) parts.push(...fields(writer, of as GraphQLInterfaceType, common.children));
  for (const shape of shapes) {
    if (shape === common) continue;
    for (const type of shape.types) {
      const inner = fields(writer, type, type === shape.types[0] ? shape.children : node.below(type)).join(' ');
      if (inner !== '') parts.push(`... on ${model.ownName(type.name, source)} { ${inner} }`);
    }
  }
  return [...new Set(parts)].join(' ');
}

/** Whether everything selected on the members of a shape can be asked of the interface itself, and means the same there. */
function isOfInterface(type: GraphQLInterfaceType, { types, children }: Shape): boolean {
  if (types.length === 1) return false;
  return [...children.values()].every((child) => {
    if (child.kind === 'custom') return true;
    const field = type.getFields()[child.field.name];
    return child.kind === 'property' && field !== undefined && String(field.type) === String(child.field.type);
  });
}

function fields(
  writer: Writer,
  type: GraphQLObjectType | GraphQLInterfaceType,
  children: ReadonlyMap<string, PlanNode>,
): string[] {
  return [...children.values()].flatMap((child) => {
    if (child.kind === 'property') return [property(writer, child, type)];
    if (child.join) return neededKeys(writer, child.type, [...child.join.keys, ...child.join.rootPaths]);
    if (child.field.name !== '__typename') return [];
    return [child.key === '__typename' ? child.key : `${child.key}: __typename`];
  });
}

function property(writer: Writer, node: PlanNode, type: GraphQLObjectType | GraphQLInterfaceType): string {
  const inner = isLeafType(node.of) ? '' : fieldsBelow(writer, node);
  const selection = isLeafType(node.of) ? '' : ` { ${inner === '' ? '__typename' : inner} }`;
  const name = wireName(type.getFields()[node.field.name] ?? node.field, writer.source);
  return `${node.key}: ${name}${argumentsText(writer, node.nodes[0]?.arguments ?? [])}${selection}`;
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

function argumentsText(writer: Writer, args: readonly ArgumentNode[]): string {
  if (args.length === 0) return '';
  for (const arg of args) {
    visit(arg, {
      Variable: ({ name }) => {
        const definition = writer.plan.operation.variableDefinitions?.find(
          ({ variable }) => variable.name.value === name.value,
        );
        if (!definition) return;
        const type = ownType(writer, definition.type);
        writer.variables.set(name.value, { nullable: print(type), required: print(nonNull(type)) });
      },
    });
  }
  return `(${args.map((arg) => print(arg)).join(', ')})`;
}

function ownType(writer: Writer, type: TypeNode): TypeNode {
  return withNamedType(type, writer.model.ownName(namedTypeOf(type).name.value, writer.source));
}
