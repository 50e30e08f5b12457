/** Operations that are refused whole because of what of them is denied (`onDenied: operation`). */
import type { ExecutionResult, GraphQLError } from 'graphql';
import { GatewayError, rootError } from '../errors.ts';
import type { PlanNode } from '../execute/plan.ts';

/** Most coordinates that a refusal names. */
const MAX_NAMED = 10;

/** @param refused the fields that are denied, one at least */
export function refuseOperation(refused: readonly PlanNode[]): GatewayError {
  const coordinates = [...new Set(refused.map(({ coordinate }) => coordinate))];
  const named = coordinates.slice(0, MAX_NAMED);
  const more = coordinates.length > named.length ? ` and ${coordinates.length - named.length} more` : '';
  const message = `The operation asks for what is not for you: leave out ${named.join(', ')}${more}.`;
  return new GatewayError('FORBIDDEN', { message, extensions: { denied: named } });
}

/** The result without data, where something in it turned out not to be for who asks. */
export function withoutForbidden(result: ExecutionResult): ExecutionResult {
  const forbidden = (result.errors ?? []).filter(isForbidden);
  return forbidden.length === 0 ? result : { ...result, data: null, errors: forbidden };
}

function isForbidden(error: GraphQLError): boolean {
  const root = rootError(error);
  return root instanceof GatewayError && root.code === 'FORBIDDEN';
}
