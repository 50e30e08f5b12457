import { GraphQLError, locatedError } from 'graphql';
import { MOST_ERRORS } from '../../errors.ts';
import { withoutStack } from '../../lib/stackless.ts';
import type { Place, Run } from './words.ts';

/** Notes the error of a place. Undefined, for who writes: there is no value. */
export function fail(run: Run, place: Place, error: unknown): undefined {
  const { node, trail } = place;
  // Nobody is told of more: they are counted.
  const last = run.errors.length < MOST_ERRORS ? undefined : run.errors.at(-1);
  if (last) return void run.errors.push(last);
  const path = trail.map((step) => (typeof step === 'number' ? (run.at[step] ?? 0) : step));
  run.errors.push(withoutStack(() => locatedError(asError(error), node.nodes, path)));
}

/** Notes that there is nothing where something was promised. */
export function missing(run: Run, place: Place): undefined {
  const message = `Cannot return null for non-nullable field ${place.node.coordinate}.`;
  fail(
    run,
    place,
    withoutStack(() => new Error(message)),
  );
}

/** What a leaf's type says of a value comes without a place of its own. */
export function leafError(error: unknown): unknown {
  return error instanceof GraphQLError ? withoutStack(() => new Error(error.message)) : error;
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
