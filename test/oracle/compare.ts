/**
 * What two engines must agree on: data to the byte, calls, and errors as sets. Where null has moved up, an engine may stop at the first
 * error it finds, and which that is depends on what comes first (GraphQL spec §6.4.4): there each must tell one at least, and none
 * that is not true.
 */
import type { Outcome } from './world.ts';

/**
 * How the outcomes differ; empty where they do not.
 *
 * @param isTrue whether an error is one that the operation can have
 */
export function differences(
  wanted: Outcome,
  given: Outcome,
  isTrue: (error: Outcome['errors'][number]) => boolean,
): string[] {
  if (wanted.data !== given.data) return [`data: ${wanted.data}\n  but: ${given.data}`];
  const [own, other] = [sorted(wanted), sorted(given)];
  return [
    ...setDifference('errors', own.inPlace, other.inPlace),
    ...setDifference('places where null came to rest', [...own.moved.keys()], [...other.moved.keys()]),
    ...[...other.moved.values()].flat().flatMap((error) => (isTrue(error) ? [] : [`no true error: ${error.text}`])),
    ...setDifference('calls', wanted.calls, given.calls),
  ];
}

/** Whether null has moved up from an error. */
export function hasMoved(outcome: Outcome): boolean {
  return sorted(outcome).moved.size > 0;
}

/** Tells errors that are true by what an operation comes to where null may be everywhere: it stops nowhere there. */
export function truthBy(loose: Outcome): (error: Outcome['errors'][number]) => boolean {
  const known = new Set(loose.errors.map(({ text }) => text));
  const root: unknown = loose.data === undefined ? undefined : JSON.parse(loose.data);
  return ({ text, path }) => {
    if (known.has(text)) return true;
    const value = path.reduce<unknown>(
      (at, step) => (at === null || typeof at !== 'object' ? at : (at as Record<string | number, unknown>)[step]),
      root,
    );
    return text.includes('Cannot return null') && value === null;
  };
}

type Sorted = { inPlace: string[]; moved: Map<string, Outcome['errors'][number][]> };

/** Errors of what is null itself, and those that made something above them null. */
function sorted({ data, errors }: Outcome): Sorted {
  const found: Sorted = { inPlace: [], moved: new Map() };
  const root: unknown = data === undefined ? undefined : JSON.parse(data);
  for (const error of errors) {
    const rest = restOf(root, error.path);
    if (rest === undefined) found.inPlace.push(error.text);
    else found.moved.set(rest, [...(found.moved.get(rest) ?? []), error]);
  }
  return found;
}

/** Where on the way to a path null is; undefined where that is at its end. */
function restOf(root: unknown, path: readonly (string | number)[]): string | undefined {
  let value = root;
  for (const [index, step] of path.entries()) {
    if (value === null || typeof value !== 'object') return JSON.stringify(path.slice(0, index));
    value = (value as Record<string | number, unknown>)[step];
  }
  return undefined;
}

function setDifference(what: string, wanted: readonly string[], given: readonly string[]): string[] {
  const [a, b] = [count(wanted), count(given)];
  const lines = [...new Set([...wanted, ...given])].flatMap((each) => {
    const [left = 0, right = 0] = [a.get(each), b.get(each)];
    return left === right ? [] : [`  ${left} : ${right}  ${each}`];
  });
  return lines.length === 0 ? [] : [`${what}:\n${lines.join('\n')}`];
}

function count(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
