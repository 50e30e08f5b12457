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

/** A result, or a part of one: its own data, or patches and items that came later. */
export type Part = ExecutionResult & {
  readonly hasNext?: boolean;
  readonly incremental?: readonly Patch[];
};
type Patch = { readonly errors?: readonly GraphQLError[]; readonly data?: unknown; readonly items?: unknown };

/** The result without data, where something in it turned out not to be for who asks; of later parts those patches where it did. */
export function withoutForbidden(result: Part): Part {
  const { incremental } = result;
  const own = takeBack(result, { data: null });
  return incremental ? { ...own, incremental: incremental.map((patch) => takeBack(patch, emptyOf(patch))) } : own;
}

function takeBack<T extends { readonly errors?: readonly GraphQLError[] }>(given: T, empty: Partial<T>): T {
  const forbidden = (given.errors ?? []).filter(isForbidden);
  return forbidden.length === 0 ? given : { ...given, ...empty, errors: forbidden };
}

function emptyOf(patch: Patch): Partial<Patch> {
  return 'items' in patch ? { items: null } : { data: null };
}

function isForbidden(error: GraphQLError): boolean {
  const root = rootError(error);
  return root instanceof GatewayError && root.code === 'FORBIDDEN';
}
