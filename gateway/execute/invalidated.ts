import { getArgumentValues } from 'graphql';
import { isRecord } from '../lib/json.ts';
import { directivesNamed } from '../lib/sdl.ts';
import type { Plan, PlanNode } from './plan.ts';

/** What a mutation makes old of answers that are kept, whatever it answers with. */
export type Invalidated = {
  entities: { type: string; id: string | number }[];
  types: string[];
  lists: string[];
  tags: string[];
  sources: string[];
  /** Sources of its fields, for whoever cannot tell which values it answered with. */
  called: string[];
};

/** What the fields of a mutation say (`@invalidates`), with ids from their arguments; a field that says nothing: all of its source. */
export function invalidatedBy(plan: Plan, variables: Readonly<Record<string, unknown>>): Invalidated {
  const all: Invalidated = { entities: [], types: [], lists: [], tags: [], sources: [], called: [] };
  for (const node of plan.roots.values()) {
    if (node.kind === 'custom') continue;
    all.called.push(node.source);
    const [rule] = directivesNamed(node.field.astNode, 'invalidates');
    if (!rule) {
      all.sources.push(node.source);
      continue;
    }
    for (const key of ['types', 'lists', 'tags', 'sources'] as const) all[key].push(...textsIn(rule[key]));
    const args = argumentsOf(node, variables);
    for (const entity of Array.isArray(rule['entities']) ? rule['entities'] : []) {
      const type = String(entity.type);
      const id = valueAt(args, String(entity.idFrom).split('.'));
      if (typeof id === 'string' || typeof id === 'number') all.entities.push({ type, id });
      // Whose it is cannot be told: it may be anybody's.
      else all.types.push(type);
    }
  }
  return all;
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Arguments as far as they can be read: what cannot be is refused by execution, before anything is called. */
function argumentsOf({ field, nodes }: PlanNode, variables: Readonly<Record<string, unknown>>): unknown {
  const [node] = nodes;
  try {
    return node ? getArgumentValues(field, node, variables) : {};
  } catch {
    return {};
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}
