import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import type { Denied } from '../context.ts';
import { callOf } from './call-of.ts';
import { collectFields, decidingVariables, type SelectionScope } from './collect.ts';
import { createGroups, type Groups } from './groups.ts';
import { fieldSources, type Join, lookupOf, type Model, named, readJoin } from './model.ts';
import type { Plan, PlanKind, PlanNode, PlanSelection } from './plan.ts';

/** What of a request decides about its plan. */
export type Planned = {
  operation: OperationDefinitionNode;
  fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Coerced values of the operation's variables. */
  variables: Readonly<Record<string, unknown>>;
  /** What is not for who asks; without it everything is planned. */
  denied?: Denied | undefined;
};

export type Planner = (planned: Planned) => Plan;

/** Plans kept for one operation: there is one for each way its `@skip` and `@include`, and what is denied, can come out. */
const MAX_PLANS = 64;

/**
 * Plans operations of one generation. A plan is made once for an operation, the values of the variables that decide what is
 * selected, and what is denied; it is kept as long as the parsed document is.
 */
export function createPlanner(model: Model): Planner {
  const known = new WeakMap<OperationDefinitionNode, { deciding: readonly string[]; plans: Map<string, Plan> }>();
  return ({ operation, fragments, variables, denied }) => {
    let entry = known.get(operation);
    if (!entry) {
      entry = { deciding: decidingVariables(operation, fragments), plans: new Map() };
      known.set(operation, entry);
    }
    const chosenKey = entry.deciding.map((name) => (variables[name] === true ? '1' : '0')).join('');
    const key = `${chosenKey} ${denied?.key ?? ''}`;
    let plan = entry.plans.get(key);
    if (!plan) {
      const chosen = Object.fromEntries(entry.deciding.map((name) => [name, variables[name]]));
      plan = makePlan(model, operation, { schema: model.schema, fragments, variables: chosen }, denied);
      if (entry.plans.size >= MAX_PLANS) entry.plans.clear();
      entry.plans.set(key, plan);
    }
    return plan;
  };
}

/** A field's kind at one place, what it looks up, and where its value comes from. */
type Standing = { kind: PlanKind; join?: Join; isPart?: boolean; source: string };

function makePlan(
  model: Model,
  operation: OperationDefinitionNode,
  scope: SelectionScope,
  denied: Denied | undefined,
): Plan {
  const groups = createGroups(model);
  const rootType = model.schema.getRootType(operation.operation);
  const place: Place = { model, scope, denied, groups, selections: new Map(), ids: new Map(), parent: undefined };
  const roots = rootType
    ? unfold(place, rootType, collectFields(scope, rootType, [operation.selectionSet]))
    : new Map<string, PlanNode>();
  return { operation, roots, groups: groups.all };
}

type Place = {
  model: Model;
  scope: SelectionScope;
  denied: Denied | undefined;
  groups: Groups;
  /** What was selected so far, by what makes two selections equal. */
  selections: Map<string, PlanSelection>;
  /** Numbers for the fields of the document. */
  ids: Map<FieldNode, number>;
  parent: PlanNode | undefined;
};

function unfold(place: Place, type: GraphQLObjectType, fields: Map<string, FieldNode[]>): Map<string, PlanNode> {
  const children = new Map<string, PlanNode>();
  for (const [key, nodes] of fields) {
    const field = definitionOf(type, nodes[0]?.name.value ?? '');
    if (field) children.set(key, createNode(place, { key, type, field, nodes }));
  }
  return children;
}

function definitionOf(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  return name === TypeMetaFieldDef.name ? TypeMetaFieldDef : type.getFields()[name];
}

function createNode(place: Place, own: Pick<PlanNode, 'key' | 'type' | 'field' | 'nodes'>): PlanNode {
  const { model, groups, parent } = place;
  const { key, type, field, nodes } = own;
  const origin = parent?.source ?? '';
  const coordinate = `${type.name}.${field.name}`;
  const path = [...(parent?.path ?? []), key];
  const isDenied = place.denied?.has(coordinate, path) === true;
  const standing: Standing = isDenied ? { kind: 'denied', source: origin } : standingOf(model, type, field, origin);
  const { kind, join, isPart = false, source } = standing;
  const ruled = isDenied ? NOTHING_RULED : ruledBy(model, type, field);
  const keys = join ? [...join.keys, ...join.rootPaths, ...ruled] : ruled;
  const inside = `${parent?.selection.id ?? ''} ${type.name}`;
  const selection = isDenied ? NOTHING_SELECTED : selectionOf(place, { nodes, path, source }, () => node);
  // Names one by one, in place of a spread with more behind it: V8 makes each such object a form of its own.
  const node: PlanNode = {
    key,
    type,
    field,
    nodes,
    kind,
    coordinate,
    path,
    origin,
    source,
    join,
    isPart,
    group: groups.of({ kind, field, source, join, place: isPart ? inside : `${selection.id}` }),
    keyGroups: groups.ofKeys({ paths: keys, type, origin, place: inside }),
    ruled,
    of: named(field.type),
    selection,
  };
  return node;
}

const NOTHING_SELECTED: PlanSelection = { id: -1, below: () => new Map(), fetched: () => [] };
const NOTHING_RULED: PlanNode['ruled'] = [];

/** What rules look at before they let the field, or anything of its type, be answered. */
function ruledBy(
  { requirements }: Model,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): PlanNode['ruled'] {
  const rules = [...requirements.onObjectsOf(type), ...requirements.ofField(type, field).onObject];
  return rules.length === 0 ? NOTHING_RULED : rules.flatMap((rule) => (rule.field ? [rule.field.split('.')] : []));
}

/** Members of an interface that are asked the same share what is below: a plan is no larger than its document, times the types. */
function selectionOf(
  place: Place,
  { nodes, path, source }: Pick<PlanNode, 'nodes' | 'path' | 'source'>,
  parent: () => PlanNode,
): PlanSelection {
  const { selections, ids, scope } = place;
  const numbers = nodes.map((node) => {
    const id = ids.get(node) ?? ids.size;
    ids.set(node, id);
    return id;
  });
  const key = `${numbers.join()} ${source} ${path.join('.')}`;
  let selection = selections.get(key);
  if (!selection) {
    const unfolded = new Map<string, ReadonlyMap<string, PlanNode>>();
    const fetched = new Map<string, readonly PlanNode[]>();
    const sets = nodes.map(({ selectionSet }) => selectionSet);
    const inside = (): Place => ({ ...place, parent: parent() });
    const below = (type: GraphQLObjectType): ReadonlyMap<string, PlanNode> => {
      let children = unfolded.get(type.name);
      if (!children) {
        children = unfold(inside(), type, collectFields(scope, type, sets));
        unfolded.set(type.name, children);
      }
      return children;
    };
    selection = {
      id: selections.size,
      below,
      fetched(type) {
        let all = fetched.get(type.name);
        if (!all) {
          all = [...below(type).values()];
          const isRuled = place.model.requirements.onObjectsOf(type).length > 0;
          if (isRuled && all.every(({ kind }) => kind === 'denied')) all = [...all, nameOf(inside(), type)];
          fetched.set(type.name, all);
        }
        return all;
      },
    };
    selections.set(key, selection);
  }
  return selection;
}

/** The name of the type, which is for everybody: it stands in for a field that is selected. */
function nameOf(place: Place, type: GraphQLObjectType): PlanNode {
  return createNode(place, { key: UNSEEN.name.value, type, field: TypeNameMetaFieldDef, nodes: [UNSEEN] });
}

const UNSEEN: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: TypeNameMetaFieldDef.name } };

function standingOf(
  model: Model,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  origin: string,
): Standing {
  if (field.name.startsWith('__') || type.name.startsWith('__')) return { kind: 'custom', source: '' };
  if (origin === '') {
    const call = callOf({ field });
    if (!call) return { kind: 'custom', source: '' };
    return { kind: model.kinds.get(call.source) === 'graphql' ? 'delegate' : 'call', source: call.source };
  }
  const join = readJoin(field);
  if (join) return { kind: 'join', join, source: join.source };
  const having = fieldSources(field);
  if (having.length === 0 || having.includes(origin)) return { kind: 'property', source: origin };
  const lookup = lookupOf(model, type.name, field);
  return lookup
    ? { kind: 'join', join: lookup, isPart: true, source: lookup.source }
    : { kind: 'property', source: origin };
}

/** The types a value of the field can be of. */
export function membersOf({ schema }: Model, type: GraphQLNamedType): readonly GraphQLObjectType[] {
  if (isObjectType(type)) return [type];
  return 'getTypes' in type || 'getInterfaces' in type ? schema.getPossibleTypes(type) : [];
}
