/** Where the errors of a GraphQL response stand in its data. */
import type { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';

export type UpstreamError = { path: readonly (string | number)[]; error: unknown };

/** Most errors that are looked at, and most nulls that get one of those whose place is not known. */
const MAX_ERRORS = 1000;

/** The errors of a response, however badly they are made. */
export function errorsOf(value: unknown): UpstreamError[] {
  return (Array.isArray(value) ? value : []).slice(0, MAX_ERRORS).map((error: unknown) => {
    const path = isRecord(error) && Array.isArray(error['path']) ? error['path'] : [];
    return { path: path.filter((key) => typeof key === 'string' || typeof key === 'number'), error };
  });
}

/**
 * Puts errors into the value of the root field: each at the first null of its path. Values that came all the same are not taken away.
 * An error that says no place that is there may be why any null is one: each null left gets it, since a null that means "failed"
 * must not be taken for one that means "none".
 *
 * @param field key of the root field in the response
 * @returns those that stand at no place of their own
 */
export function placeErrors(
  root: unknown,
  field: string,
  errors: readonly UpstreamError[],
  fault: (error: unknown) => GatewayError,
): UpstreamError[] {
  const nowhere: UpstreamError[] = [];
  const left: UpstreamError[] = [];
  for (const each of errors) {
    const place = each.path[0] === field ? walk(root, each.path.slice(1)) : 'nowhere';
    if (typeof place === 'object') place.container[place.key] = fault(each.error);
    else left.push(each);
    if (place === 'nowhere') nowhere.push(each);
  }
  const [first] = nowhere;
  if (first) markNulls(root, () => fault(first.error));
  return left;
}

type Place = { container: Record<string | number, unknown>; key: string | number };

/** The first null on the path; `taken` where a value or another error stands, `nowhere` where the path leads out of the data. */
function walk(root: unknown, path: readonly (string | number)[]): Place | 'taken' | 'nowhere' {
  let current: unknown = root;
  for (const key of path) {
    if (current instanceof Error) return 'taken';
    if ((!isRecord(current) && !Array.isArray(current)) || !Object.hasOwn(current, key)) return 'nowhere';
    const container = current as Record<string | number, unknown>;
    const inner = container[key];
    if (inner === null) return { container, key };
    current = inner;
  }
  return 'taken';
}

function markNulls(root: unknown, fault: () => GatewayError): void {
  const open: unknown[] = [root];
  let marked = 0;
  for (let value = open.pop(); value !== undefined && marked < MAX_ERRORS; value = open.pop()) {
    if (value instanceof Error || (!isRecord(value) && !Array.isArray(value))) continue;
    const container = value as Record<string | number, unknown>;
    for (const key of Object.keys(container)) {
      if (container[key] !== null) open.push(container[key]);
      else if (marked < MAX_ERRORS) {
        container[key] = fault();
        marked += 1;
      }
    }
  }
}
