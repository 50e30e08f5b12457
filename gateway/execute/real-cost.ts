/** The cost of the data of an answer: query response analysis (ibm.github.io/graphql-specs/cost-spec.html §5.1.3). */
import { type GraphQLObjectType, isCompositeType, isObjectType } from 'graphql';
import { isRecord } from '../lib/json.ts';
import type { Model } from './model.ts';
import type { Plan, PlanNode } from './plan.ts';
import { argumentsOf } from './rows.ts';
import { type Shape, shapesOf } from './shapes.ts';
import { fieldCost, typeWeight } from './weights.ts';

/** Points by source; those of the operation itself have none. */
export type DataCost = (data: unknown) => ReadonlyMap<string, number>;

type Fields = ReadonlyMap<string, PlanNode>;
/** A field that is worth a look, with what it costs each time it runs. */
type Costly = { readonly node: PlanNode; readonly each: number; readonly isComposite: boolean };

/** A function that weighs answers of a plan: fields by how often they ran, objects by how many there are. Errors cost nothing. */
export function createDataCost(model: Model, plan: Plan, variables: Readonly<Record<string, unknown>>): DataCost {
  const costly = new Map<Fields, readonly Costly[]>();

  function costlyOf(fields: Fields): readonly Costly[] {
    let found = costly.get(fields);
    if (!found) {
      found = [...fields.values()].flatMap((node) => {
        if (node.kind === 'custom') return [];
        const each = fieldCost(node.field, argumentsOf(node, variables));
        const isComposite = isCompositeType(node.of);
        return each > 0 || isComposite || typeWeight(node.of) > 0 ? [{ node, each, isComposite }] : [];
      });
      costly.set(fields, found);
    }
    return found;
  }

  return (data) => {
    const points = new Map<string, number>();
    const add = (source: string, more: number): void => void points.set(source, (points.get(source) ?? 0) + more);
    const weighObject = (value: Readonly<Record<string, unknown>>, fields: Fields): void => {
      for (const { node, each, isComposite } of costlyOf(fields)) {
        add(node.source, each);
        weighValue(value[node.key], node, isComposite);
      }
    };
    const weighValue = (value: unknown, node: PlanNode, isComposite: boolean): void => {
      if (value == null) return;
      if (Array.isArray(value)) for (const item of value) weighValue(item, node, isComposite);
      else if (!isComposite) add(node.source, typeWeight(node.of));
      else if (isRecord(value)) {
        const { type, children } = memberOf(model, node, value);
        add(node.source, type ? typeWeight(type) : 0);
        weighObject(value, children);
      }
    };
    const root = model.schema.getRootType(plan.operation.operation);
    if (root) add('', typeWeight(root));
    if (isRecord(data)) weighObject(data, plan.roots);
    return points;
  };
}

const NOTHING: Fields = new Map();

/** Which type a value is of: what its `__typename` says where it was asked for, else what was asked of it. */
function memberOf(
  model: Model,
  node: PlanNode,
  value: Readonly<Record<string, unknown>>,
): { type: GraphQLObjectType | undefined; children: Fields } {
  const shapes = shapesOf(model, node);
  const [first] = shapes;
  if (first && shapes.length === 1 && first.types.length === 1)
    return { type: first.types[0], children: first.children };
  for (const { children } of shapes) {
    for (const { key, field } of children.values()) {
      const said = field.name === '__typename' ? model.schema.getType(String(value[key])) : undefined;
      if (isObjectType(said)) return { type: said, children: node.selection.below(said) };
    }
  }
  const shape = shapes.find((each) => fits(each, value)) ?? first;
  return { type: dearest(shape?.types ?? []), children: shape?.children ?? NOTHING };
}

function fits({ children }: Shape, value: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(value);
  return keys.length === children.size && keys.every((key) => children.has(key));
}

function dearest(types: readonly GraphQLObjectType[]): GraphQLObjectType | undefined {
  return types.reduce<GraphQLObjectType | undefined>(
    (best, type) => (best === undefined || typeWeight(type) > typeWeight(best) ? type : best),
    undefined,
  );
}
