/** What generated code asks about values, where it does not know at once. */
import type { GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import { fail } from './faults.ts';
import type { Cell, Place, Run, Write } from './words.ts';

/** Whether the value is an object, and no error that a source put in its place. */
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Error);
}

/** Whatever can be gone through, as an array. */
export function arrayOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  const isIterable = typeof value === 'object' && value !== null && Symbol.iterator in value;
  return isIterable ? [...(value as Iterable<unknown>)] : undefined;
}

/** The same for who writes: notes why there is none. */
export function listOf(run: Run, place: Place, value: unknown): readonly unknown[] | undefined {
  if (value instanceof Error) return fail(run, place, value);
  const { coordinate } = place.node;
  const message = `Expected Iterable, but did not find one for field "${coordinate}".`;
  return arrayOf(value) ?? fail(run, place, new Error(message));
}

/** Notes why a value is no object of its type. */
export function failObject(run: Run, place: Place, type: GraphQLObjectType, value: unknown): undefined {
  if (value instanceof Error) return fail(run, place, value);
  try {
    type.isTypeOf?.(value, undefined, {} as GraphQLResolveInfo);
  } catch (error) {
    return fail(run, place, error);
  }
  return fail(run, place, new Error(`Expected value of type "${type.name}".`));
}

/** The JSON of a join's value, written once for all parents that share it; an error is noted for each of them. */
export function writeCell(cell: Cell, write: Write, run: Run): string | undefined {
  const before = run.errors.length;
  const text = write(cell.value as never, cell.frame, run);
  if (run.errors.length === before) cell.text = text;
  return text;
}

/** Leaves a value that cannot be. */
export function failed(run: Run): undefined {
  run.isLater = false;
  run.hasFailed = true;
}

/** Leaves a value that nothing has to be asked for. */
export function nothing(_value: unknown, run: Run): undefined {
  run.isLater = false;
  run.hasFailed = false;
}
