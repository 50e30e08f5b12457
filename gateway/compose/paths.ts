import type { FieldDefinitionNode, InputValueDefinitionNode, TypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../lib/ast.ts';

type Types = ReadonlyMap<string, TypeDefinitionNode>;

/** All types of all sources by name; a type that several sources share has the fields of each. */
export function uniteTypes(sources: readonly { types: Types }[]): Types {
  const united = new Map<string, TypeDefinitionNode>();
  for (const [name, node] of sources.flatMap(({ types }) => [...types])) {
    const other = united.get(name);
    if (!other || !('fields' in other) || !('fields' in node)) {
      united.set(name, node);
      continue;
    }
    const known = new Set((other.fields ?? []).map((field) => field.name.value));
    const added = [...(node.fields ?? [])].filter((field) => !known.has(field.name.value));
    united.set(name, { ...other, fields: [...(other.fields ?? []), ...added] } as TypeDefinitionNode);
  }
  return united;
}

/** The field `name` of an object, interface or input type. */
export function fieldOf(
  types: Types,
  type: string,
  name: string,
): FieldDefinitionNode | InputValueDefinitionNode | undefined {
  const node = types.get(type);
  return node && 'fields' in node ? [...(node.fields ?? [])].find((field) => field.name.value === name) : undefined;
}

/** The named type at the end of a dotted path of fields below `type`; undefined when a step is not there. */
export function followPath(types: Types, type: string, path: string | undefined): string | undefined {
  let current: string | undefined = type;
  for (const name of path === undefined || path === '' ? [] : path.split('.')) {
    const field: ReturnType<typeof fieldOf> = current === undefined ? undefined : fieldOf(types, current, name);
    current = field && namedTypeOf(field.type).name.value;
  }
  return current;
}
