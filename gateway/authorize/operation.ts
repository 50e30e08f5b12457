import { type ExecutionArgs, getOperationAST, getVariableValues, Kind } from 'graphql';
import type { Principal } from '../context.ts';
import type { Planner } from '../execute/planner.ts';
import type { AskedOperation } from './decision.ts';

/**
 * The operation that is about to be executed, planned whole. Undefined where the engine will refuse it before it calls anything: it
 * is not there, or a variable is not of its type.
 */
export function readOperation(
  { schema, document, operationName, variableValues }: ExecutionArgs,
  principal: Principal,
  planner: Planner,
): AskedOperation | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const sent = variableValues ?? {};
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], sent);
  if (!coerced) return undefined;
  const fragments = Object.fromEntries(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
  return { plan: planner({ operation, fragments, variables: coerced }), variables: coerced, sent, principal };
}
