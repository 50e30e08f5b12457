import { type GraphQLObjectType, isLeafType } from 'graphql';
import type { Model } from '../model.ts';
import type { Plan, PlanNode, PlanSelection } from '../plan.ts';
import { membersOf } from '../planner.ts';
import type { FieldSite } from '../site.ts';
import { prepareArguments } from './arguments.ts';
import { createJoin } from './join.ts';
import { nothing } from './values.ts';
import type { Arguments, Join, Place, Unit } from './words.ts';

/** Where code is written for: a node, and the way to the value of it that is in hand. */
export type Spot = { readonly node: PlanNode; readonly trail: Place['trail'] };

/** What all code of one program shares. */
export type Workshop = {
  readonly model: Model;
  readonly plan: Plan;
  readonly siteOf: (node: PlanNode) => FieldSite;
  /** How values of a type are written that are met at a place; made once, when the first is met. */
  unitOf(spot: Spot, type: GraphQLObjectType): Unit;
  /** The same for who may never meet any: made when it is first used. */
  laterUnitOf(spot: Spot, type: GraphQLObjectType): Required<Unit>;
  argumentsOf(node: PlanNode): Arguments;
  joinOf(node: PlanNode): Join;
  /** Whether something below the value of a node has to be asked for. */
  carries(node: PlanNode): boolean;
};

/** Fields that are looked at to see what has to be asked for; beyond, everything counts as if it had to be. */
const MAX_FIELDS = 5000;

export type WorkshopOptions = Pick<Workshop, 'model' | 'plan' | 'siteOf'> & {
  makeUnit: (shop: Workshop, spot: Spot, type: GraphQLObjectType) => Unit;
};

export function createWorkshop({ model, plan, siteOf, makeUnit }: WorkshopOptions): Workshop {
  const units = new Map<string, Unit>();
  const args = new Map<PlanNode, Arguments>();
  const joins = new Map<PlanNode, Join>();
  const carrying = new Map<PlanSelection, boolean>();
  let left = MAX_FIELDS;

  function look({ of, selection }: PlanNode): boolean {
    for (const type of membersOf(model, of)) {
      for (const child of selection.below(type).values()) {
        left -= 1;
        if (left < 0 || child.join || (child.kind === 'property' && carries(child))) return true;
      }
    }
    return false;
  }
  function carries(node: PlanNode): boolean {
    if (isLeafType(node.of)) return false;
    let found = carrying.get(node.selection);
    if (found === undefined) {
      found = left < 0 || look(node);
      carrying.set(node.selection, found);
    }
    return found;
  }

  const shop: Workshop = {
    model,
    plan,
    siteOf,
    carries,
    unitOf(spot, type) {
      const key = `${spot.node.selection.id} ${type.name}`;
      let unit = units.get(key);
      if (!unit) {
        unit = makeUnit(shop, spot, type);
        units.set(key, unit);
      }
      return unit;
    },
    laterUnitOf: (spot, type) => ({
      write: (value, frame, run) => shop.unitOf(spot, type).write(value, frame, run),
      gather: (value, run) => (shop.unitOf(spot, type).gather ?? nothing)(value, run),
    }),
    argumentsOf(node) {
      let found = args.get(node);
      if (!found) {
        found = prepareArguments(node, args.size);
        args.set(node, found);
      }
      return found;
    },
    joinOf(node) {
      let found = joins.get(node);
      if (!found) {
        const { join: rule } = node;
        if (!rule) throw new Error(`${node.coordinate} is no join`);
        found = createJoin({ site: siteOf(node), node, rule, plan, args: shop.argumentsOf(node), number: joins.size });
        joins.set(node, found);
      }
      return found;
    },
  };
  return shop;
}
