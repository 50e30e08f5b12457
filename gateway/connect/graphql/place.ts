/** Where the errors of a GraphQL response stand in its data. */
import type { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';

export type UpstreamError = { path: readonly (string | number)[]; error: unknown };

/** Most errors whose place is looked for: far more than an answer to a client tells. */
const MAX_PLACED = 100_000;
/** Nulls that get an error of their own where the place of one is not known; those after them share one. */
const MAX_OWN = 1000;

/** The errors of a response, however badly they are made. Beyond the most that are looked at, one stands for the rest, at no place. */
export function errorsOf(value: unknown): UpstreamError[] {
  const errors: unknown[] = Array.isArray(value) ? value : [];
  const looked = errors.slice(0, MAX_PLACED).map((error: unknown) => {
    const path = isRecord(error) && Array.isArray(error['path']) ? error['path'] : [];
    return { path: path.filter((key) => typeof key === 'string' || typeof key === 'number'), error };
  });
  if (errors.length > MAX_PLACED) looked.push({ path: [], error: errors[MAX_PLACED] });
  return looked;
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
  let shared: GatewayError | undefined;
  const next = (): GatewayError => {
    marked += 1;
    if (marked <= MAX_OWN) return fault();
    shared ??= fault();
    return shared;
  };
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (value instanceof Error || (!isRecord(value) && !Array.isArray(value))) continue;
    const container = value as Record<string | number, unknown>;
    for (const key of Object.keys(container)) {
      if (container[key] !== null) open.push(container[key]);
      else container[key] = next();
    }
  }
}
