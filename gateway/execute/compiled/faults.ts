import { GraphQLError, locatedError } from 'graphql';
import type { Place, Run } from './words.ts';

/** Notes the error of a place. Undefined, for who writes: there is no value. */
export function fail(run: Run, place: Place, error: unknown): undefined {
  const { node, trail } = place;
  const path = trail.map((step) => (typeof step === 'number' ? (run.at[step] ?? 0) : step));
  run.errors.push(locatedError(asError(error), node.nodes, path));
}

/** Notes that there is nothing where something was promised. */
export function missing(run: Run, place: Place): undefined {
  fail(run, place, new Error(`Cannot return null for non-nullable field ${place.node.coordinate}.`));
}

/** What a leaf's type says of a value comes without a place of its own. */
export function leafError(error: unknown): unknown {
  return error instanceof GraphQLError ? new Error(error.message) : error;
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
