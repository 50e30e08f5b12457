import {
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
import { GatewayError } from '../errors.ts';
import { namedTypeOf, nonNull, withNamedType } from '../lib/ast.ts';
import { KEY_ALIAS, wirePath } from './keys.ts';
import { fieldSources, lookupOf, type Model, wireName } from './model.ts';
import type { Plan, PlanNode, PlanSelection } from './plan.ts';
import { markOf, type Shape, shapesOf } from './shapes.ts';

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
   *
   * @throws GatewayError LIMIT_COST when that is more than a source is asked at once, BAD_REQUEST for an alias of the gateway's own
   */
  below(plan: Plan, node: PlanNode): Piece;
  /** The field itself under its response key, for a lookup that is to bring just this part of a shared type. Throws alike. */
  part(plan: Plan, node: PlanNode): Piece;
};

/** Most characters that one selection has, and most fields that are looked at to write one: fragments can multiply both. */
const MAX_CHARACTERS = 262_144;
const MAX_FIELDS = 5000;

/** Writes selections for GraphQL sources; each is written once for a plan. */
export function createSelections(model: Model): Selections {
  const inside = new WeakMap<PlanSelection, Piece>();
  const whole = new WeakMap<PlanNode, Piece>();
  return {
    below: (plan, node) => fieldsBelow({ model, plan, known: inside, left: MAX_FIELDS }, node),
    part: (plan, node) => {
      let piece = whole.get(node);
      if (!piece) {
        const variables: Variables = new Map();
        const writer = { model, plan, known: inside, left: MAX_FIELDS };
        piece = { text: property(writer, variables, node, node.type), variables };
        whole.set(node, piece);
      }
      return piece;
    },
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

type Variables = Map<string, VariableTypes>;
type Writer = { model: Model; plan: Plan; known: WeakMap<PlanSelection, Piece>; left: number };
type Owner = GraphQLObjectType | GraphQLInterfaceType;

function fieldsBelow(writer: Writer, node: PlanNode): Piece {
  const known = writer.known.get(node.selection);
  if (known) return known;
  const variables: Variables = new Map();
  const text = isLeafType(node.of)
    ? ''
    : isObjectType(node.of)
      ? [...new Set(fields(writer, variables, node.of, node.selection.fetched(node.of), node.source))].join(' ')
      : membersBelow(writer, variables, node);
  if (text.length > MAX_CHARACTERS) throw tooMuch(node.source);
  // Where nothing is left of what was selected (it is denied, or others have it), the value itself is still asked for.
  const piece = { text: text === '' && !isLeafType(node.of) ? '__typename' : text, variables };
  writer.known.set(node.selection, piece);
  return piece;
}

/** What all members are asked alike is asked of the interface; what only some are asked, of those, one by one. */
function membersBelow(writer: Writer, variables: Variables, node: PlanNode): string {
  const { model } = writer;
  const { of, source } = node;
  const shapes = shapesOf(model, node).flatMap(({ types, children }): Shape[] => {
    const own = types.filter(({ name }) => model.ownersOf(name).includes(source));
    return own.length === 0 ? [] : [{ types: own, children }];
  });
  const common = isInterfaceType(of) ? commonOf(of, shapes) : new Map<string, PlanNode>();
  const parts = ['__typename'];
  if (isInterfaceType(of)) parts.push(...fields(writer, variables, of, common.values(), source));
  for (const { types } of shapes) {
    for (const type of types) {
      const rest = node.selection.fetched(type).filter(({ key }) => !common.has(key));
      const inner = fields(writer, variables, type, rest, source).join(' ');
      if (inner !== '') parts.push(`... on ${model.ownName(type.name, source)} { ${inner} }`);
    }
  }
  return [...new Set(parts)].join(' ');
}

/** What can be asked of the interface itself, and means the same there: all members have it selected, as the interface declares it. */
function commonOf(type: GraphQLInterfaceType, shapes: readonly Shape[]): ReadonlyMap<string, PlanNode> {
  const common = new Map<string, PlanNode>();
  const [first, ...others] = shapes;
  for (const child of first?.children.values() ?? []) {
    const declared = type.getFields()[child.field.name];
    const isDeclared = child.kind === 'property' && String(declared?.type) === String(child.field.type);
    if (!isDeclared && child.field.name !== '__typename') continue;
    // What rules look at is a member's own.
    if (child.ruled.length > 0) continue;
    const mark = markOf(child);
    const isAlike = ({ children }: Shape): boolean => {
      const other = children.get(child.key);
      return other !== undefined && markOf(other) === mark && String(other.field.type) === String(child.field.type);
    };
    if (others.every(isAlike)) common.set(child.key, child);
  }
  return common;
}

function fields(
  writer: Writer,
  variables: Variables,
  type: Owner,
  children: Iterable<PlanNode>,
  source: string,
): string[] {
  return [...children].flatMap((child) => {
    const needed = neededKeys(writer.model, source, child);
    if (child.kind === 'property') return [...needed, property(writer, variables, child, type)];
    if (child.join || child.field.name !== '__typename') return needed;
    return [...needed, child.key === '__typename' ? child.key : `${child.key}: __typename`];
  });
}

function property(writer: Writer, variables: Variables, node: PlanNode, type: Owner): string {
  const { key, field, source } = node;
  writer.left -= 1;
  if (writer.left < 0) throw tooMuch(source);
  if (key.startsWith(KEY_ALIAS)) {
    throw new GatewayError('BAD_REQUEST', {
      message: `Aliases that begin with ${KEY_ALIAS} are the gateway's own: rename ${key}.`,
    });
  }
  const inner = fieldsBelow(writer, node);
  for (const [name, types] of inner.variables) variables.set(name, types);
  const selection = isLeafType(node.of) ? '' : ` { ${inner.text} }`;
  const name = wireName(type.getFields()[field.name] ?? field, source);
  return `${key}: ${name}${argumentsText(writer, variables, node)}${selection}`;
}

function tooMuch(source: string): GatewayError {
  const message = `The operation asks ${source} for more than it can be asked at once: select fewer fields.`;
  return new GatewayError('LIMIT_COST', { source, message });
}

/**
 * What the source must be asked so that the key of a join, and what rules look at, can be had: its parts, or the key to where they
 * stand.
 */
function neededKeys(model: Model, source: string, { type, join, ruled }: PlanNode): string[] {
  const own = [...(join?.keys ?? []), ...(join?.rootPaths ?? []), ...ruled].flatMap((path) => {
    const field = type.getFields()[path[0] ?? ''];
    const owners = field ? fieldSources(field) : [];
    if (!field || owners.length === 0 || owners.includes(source)) return [path];
    return lookupOf(model, type.name, field)?.keys ?? [];
  });
  return own.length > 0 ? [keySelection(type, own, source)] : [];
}

function argumentsText({ model, plan }: Writer, variables: Variables, { nodes, source }: PlanNode): string {
  const args = nodes[0]?.arguments ?? [];
  if (args.length === 0) return '';
  const ownType = (type: TypeNode): TypeNode =>
    withNamedType(type, model.ownName(namedTypeOf(type).name.value, source));
  for (const arg of args) {
    visit(arg, {
      Variable: ({ name }) => {
        const definition = plan.operation.variableDefinitions?.find(
          ({ variable }) => variable.name.value === name.value,
        );
        if (!definition) return;
        const type = ownType(definition.type);
        variables.set(name.value, { nullable: print(type), required: print(nonNull(type)) });
      },
    });
  }
  return `(${args.map((arg) => print(arg)).join(', ')})`;
}
