import type { InvalidationRule } from '../../config/cache-control.ts';

/** What the mutations of a source make old, for the report of its import. */
export function reportInvalidations(
  rules: ReadonlyMap<string, InvalidationRule> | undefined,
): { at: string; text: string }[] {
  return [...(rules ?? [])].map(([field, rule]) => ({
    at: `Mutation.${field}`,
    text: `makes old ${describeRule(rule)}`,
  }));
}

function describeRule({ entities, types, lists, tags, sources }: InvalidationRule): string {
  const parts = [
    ...(entities ?? []).map(({ type, idFrom }) => `the ${type} of ${idFrom}`),
    ...(types ?? []).map((type) => `every ${type}`),
    ...(lists ?? []).map((type) => `lists of ${type}`),
    ...(tags ?? []).map((tag) => `answers tagged ${tag}`),
    ...(sources ?? []).map((source) => `everything of ${source}`),
  ];
  return parts.length === 0 ? 'nothing but what it answers with' : parts.join(', ');
}
