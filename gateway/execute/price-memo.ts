import { stableStringify } from '../lib/json.ts';
import type { Model } from './model.ts';
import type { PlanNode } from './plan.ts';
import { argumentsOf, pageSizesOf, unslicedBy } from './rows.ts';
import { fieldCost } from './weights.ts';

/** Prices of one plan that are remembered: there is one for each set of list lengths and given arguments. */
const MAX_PRICES = 32;

/** What was priced of a plan: by all that its arguments say of the price, whatever else they hold. */
export type PriceMemo<Price> = {
  get(variables: Readonly<Record<string, unknown>>): Price | undefined;
  set(variables: Readonly<Record<string, unknown>>, price: Price): void;
};

/** @param nodes all fields of the plan that take arguments */
export function createPriceMemo<Price>(model: Model, nodes: readonly PlanNode[]): PriceMemo<Price> {
  const prices = new Map<string, Price>();
  return {
    get: (variables) => prices.get(keyOf(model, nodes, variables)),
    set(variables, price) {
      if (prices.size >= MAX_PRICES) prices.clear();
      prices.set(keyOf(model, nodes, variables), price);
    },
  };
}

/** Equal for variables that lead to the same price: an id more or less is no difference, the length of a list is. */
function keyOf(model: Model, nodes: readonly PlanNode[], variables: Readonly<Record<string, unknown>>): string {
  const calls: string[] = [];
  const areSeveral = nodes.filter(({ kind }) => kind === 'call').length > 1;
  const parts = nodes.map((node) => {
    const values = argumentsOf(node, variables);
    const sizes = pageSizesOf(model, node, variables).map(({ argument, size }) => `${argument}=${size}`);
    // Equal calls may be one.
    const call =
      areSeveral && node.kind === 'call' ? calls.push(`${node.coordinate} ${stableStringify(values)}`) - 1 : -1;
    const same = call < 0 ? '' : calls.indexOf(calls[call] ?? '');
    return `${fieldCost(node.field, values)} ${sizes.join()} ${unslicedBy(node, variables) ? 1 : 0} ${same}`;
  });
  return parts.join('|');
}
