import { getArgumentValues, visit } from 'graphql';
import type { PlanNode } from '../plan.ts';
import type { Arguments, ArgumentValues, Run } from './words.ts';

/** Prepares the arguments of a field: those that use no variable are read once. */
export function prepareArguments(node: PlanNode, number: number): Arguments {
  return { number, node, fixed: usesVariables(node) ? undefined : read(node, {}) };
}

/** Whether the arguments can be read, whatever the variables are. */
export function isFixed({ fixed }: Arguments): boolean {
  return fixed !== undefined && !(fixed instanceof Error);
}

/** The arguments of a field in one run, or why it has none. */
export function argumentsIn(run: Run, { number, node, fixed }: Arguments): ArgumentValues {
  if (fixed !== undefined) return fixed;
  let values = run.args[number];
  if (values === undefined) {
    values = read(node, run.variables);
    run.args[number] = values;
  }
  return values;
}

/** The error of a field whose arguments cannot be read. */
export function argumentsFault(run: Run, args: Arguments): Error | undefined {
  const values = argumentsIn(run, args);
  return values instanceof Error ? values : undefined;
}

function usesVariables({ nodes }: PlanNode): boolean {
  let found = false;
  for (const arg of nodes[0]?.arguments ?? []) {
    visit(arg, {
      Variable: () => {
        found = true;
      },
    });
  }
  return found;
}

const NONE = Object.freeze({});

function read({ field, nodes }: PlanNode, variables: Readonly<Record<string, unknown>>): ArgumentValues {
  const [node] = nodes;
  if (!node || field.args.length === 0) return NONE;
  try {
    return getArgumentValues(field, node, variables);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
