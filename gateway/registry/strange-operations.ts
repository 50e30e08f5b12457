import { Kind, parse } from 'graphql';
import { nearest } from '../lib/nearest.ts';
import { directivesNamed } from '../lib/sdl.ts';
import type { Tree } from './tree.ts';

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);

/**
 * Rules of policies for operations that their sources do not have: they would do nothing, and nobody would know.
 *
 * @param texts the text of each source
 * @returns one sentence for each, with the file
 */
export function strangeOperations(tree: Tree, texts: ReadonlyMap<string, string>): string[] {
  return tree.sources.flatMap(({ name, policy }) => {
    const rules = Object.entries(policy.operations).filter(([, { exclude }]) => exclude !== true);
    const text = texts.get(name);
    if (rules.length === 0 || text === undefined) return [];
    const known = operationsOf(text);
    return rules.flatMap(([operation]) => {
      if (known.has(operation)) return [];
      const near = nearest(operation, [...known]);
      const advice = near === undefined ? '' : `; did you mean "${near}"?`;
      return [`sources/${name}/policy.yaml: operations.${operation}: ${name} has no such operation${advice}`];
    });
  });
}

/** Root fields under the names they have and those they had before they were renamed. */
function operationsOf(text: string): ReadonlySet<string> {
  const known = new Set<string>();
  for (const definition of parse(text, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !ROOTS.has(definition.name.value)) continue;
    for (const field of definition.fields ?? []) {
      known.add(field.name.value);
      for (const { name } of directivesNamed(field, 'source')) if (typeof name === 'string') known.add(name);
    }
  }
  return known;
}
