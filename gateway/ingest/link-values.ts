/** The values of a link as arguments of a join, by the names that the schema gives to what the wire has. */
import {
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import { namedTypeOf, nullable } from '../lib/ast.ts';
import { directivesNamed } from '../lib/sdl.ts';
import { LinkFault } from './link-fault.ts';
import type { LinkValue } from './wire.ts';

export type Types = ReadonlyMap<string, TypeDefinitionNode>;
export type AnyField = FieldDefinitionNode | InputValueDefinitionNode;

/**
 * A value as `sourceArgs` has it: `{root.path}` for what is read from the answer.
 * @throws LinkFault when the answer has no such value, or the argument takes none
 */
export function filled(value: LinkValue, type: TypeNode, parent: ObjectTypeDefinitionNode, types: Types): unknown {
  if ('path' in value) {
    const { path, isList } = pathTo(value.path, parent, types);
    if (isList && nullable(type).kind !== Kind.LIST_TYPE)
      throw new LinkFault(`${told(value.path)} is a list, and one value is wanted`);
    return `{root.${path.join('.')}}`;
  }
  if ('constant' in value) return value.constant;
  const input = types.get(namedTypeOf(type).name.value);
  if (input?.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION || nullable(type).kind === Kind.LIST_TYPE)
    throw new LinkFault('it gives an object where none is taken');
  return Object.fromEntries(
    value.object.map(([key, inner]) => {
      const field = fieldAt(input, key);
      if (!field) throw new LinkFault(`what it leads to takes no ${key.slice(0, 100)}`);
      return [field.name.value, filled(inner, field.type, parent, types)];
    }),
  );
}

/** The fields that names on the wire lead along; the last one has to be a single value, or a list of them. */
function pathTo(
  wire: readonly string[],
  parent: ObjectTypeDefinitionNode,
  types: Types,
): { path: string[]; isList: boolean } {
  const path: string[] = [];
  let current: TypeDefinitionNode | undefined = parent;
  let isList = false;
  for (const token of wire) {
    const field = current?.kind === Kind.OBJECT_TYPE_DEFINITION ? fieldAt(current, token) : undefined;
    if (!field || isList) throw new LinkFault(`the answer has no single ${told(wire)}`);
    path.push(field.name.value);
    isList = nullable(field.type).kind === Kind.LIST_TYPE;
    current = types.get(namedTypeOf(field.type).name.value);
  }
  if (!isLeaf(current) || path.length === 0) throw new LinkFault(`${told(wire)} is no single value`);
  return { path, isList };
}

function isLeaf(node: TypeDefinitionNode | undefined): boolean {
  if (node?.kind === Kind.SCALAR_TYPE_DEFINITION) return node.name.value !== 'JSON';
  return node === undefined || node.kind === Kind.ENUM_TYPE_DEFINITION;
}

function told(wire: readonly string[]): string {
  return `/${wire.join('/')}`.slice(0, 100);
}

/** The field of a name on the wire; maps, and what stands for the whole object, have none. */
function fieldAt(node: TypeDefinitionNode, wire: string): AnyField | undefined {
  return fieldsOf(node).find((field) => {
    const isPlain = ['dictionary', 'resolveRoot'].every((name) => directivesNamed(field, name).length === 0);
    const [renamed] = directivesNamed(field, 'resolveRootField');
    return isPlain && (renamed ? renamed['field'] === wire : field.name.value === wire);
  });
}

/** The fields of a type that has some. */
export function fieldsOf(node: TypeDefinitionNode | undefined): readonly AnyField[] {
  return node && 'fields' in node ? (node.fields ?? []) : [];
}
