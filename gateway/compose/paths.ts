import type { FieldDefinitionNode, InputValueDefinitionNode, TypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../lib/ast.ts';

type Types = ReadonlyMap<string, TypeDefinitionNode>;

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
