/** Which operations of a contract are served: what `include`, `exclude` and `operations.<field>.exclude` of its policy say. */
import type { OperationSelector } from '../config/exposure.ts';
import type { Policy } from '../config/policy.ts';
import { matchesPattern } from '../lib/pattern.ts';
import type { Note } from './wire.ts';

/** What an operation can be known by; a contract without tags, paths or methods has none. */
export type Candidate = {
  /** The root field it would be, and its name in the contract. */
  readonly field: string;
  readonly wireName: string;
  readonly operationId?: unknown;
  readonly path?: string;
  readonly method?: string;
  readonly tags?: unknown;
};

export type Exposure = {
  isServed(candidate: Candidate): boolean;
  /** What of the selectors fitted none of the operations that were asked for: most likely a slip. */
  notes(): Note[];
};

type Selects = (candidate: Candidate) => boolean;

/** What is said of one operation by its name wins over selectors; of those, `exclude` wins over `include`. */
export function createExposure({
  include,
  exclude,
  operations,
}: Pick<Policy, 'include' | 'exclude' | 'operations'>): Exposure {
  const unused = new Map<string, string>();
  const included = include && anyOf(include, 'include', unused);
  const excluded = exclude && anyOf(exclude, 'exclude', unused);
  const said = new Map(Object.entries(operations));
  for (const [field, { exclude: isOut }] of said)
    if (isOut !== undefined) unused.set(`policy.yaml#/operations/${field}/exclude`, field);
  return {
    isServed: (candidate) => {
      // Both are asked before anything is decided: each notes what it fits.
      const isIn = included?.(candidate) ?? true;
      const isOut = excluded?.(candidate) ?? false;
      const own = said.get(candidate.field)?.exclude;
      unused.delete(`policy.yaml#/operations/${candidate.field}/exclude`);
      return own === undefined ? isIn && !isOut : !own;
    },
    notes: () =>
      [...unused].map(([pointer, value]) => ({ pointer, text: `\`${value}\` fits no operation of the contract` })),
  };
}

function anyOf(selectors: readonly OperationSelector[], key: string, unused: Map<string, string>): Selects {
  const each = selectors.map((selector, index) => allOf(selector, `policy.yaml#/${key}/${index}`, unused));
  return (candidate) => each.map((selects) => selects(candidate)).includes(true);
}

function allOf(
  { tags, paths, operations, methods }: OperationSelector,
  pointer: string,
  unused: Map<string, string>,
): Selects {
  const lists = [
    fits(tags, (candidate) => (Array.isArray(candidate.tags) ? candidate.tags : []), `${pointer}/tags`, unused),
    fits(paths, ({ path }) => [path], `${pointer}/paths`, unused),
    fits(
      operations,
      ({ field, wireName, operationId }) => [field, wireName, operationId],
      `${pointer}/operations`,
      unused,
    ),
    fits(methods, ({ method }) => [method], `${pointer}/methods`, unused),
  ];
  return (candidate) => !lists.map((selects) => selects(candidate)).includes(false);
}

function fits(
  patterns: readonly string[] | undefined,
  namesOf: (candidate: Candidate) => readonly unknown[],
  pointer: string,
  unused: Map<string, string>,
): Selects {
  if (!patterns) return () => true;
  const listed = patterns.map((pattern, index) => [pattern, `${pointer}/${index}`] as const);
  for (const [pattern, at] of listed) unused.set(at, pattern);
  return (candidate) => {
    const names = namesOf(candidate).filter((name) => typeof name === 'string');
    const fitting = listed.filter(([pattern]) => names.some((name) => matchesPattern(pattern, name)));
    for (const [, at] of fitting) unused.delete(at);
    return fitting.length > 0;
  };
}
