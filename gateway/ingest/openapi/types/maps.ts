/** Maps, whose keys nobody knows ahead, as lists of entries with a key and a value. */
import { type ConstDirectiveNode, Kind, print, type TypeDefinitionNode, type TypeNode } from 'graphql';
import { namedTypeOf, nonNull } from '../../../lib/ast.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import { listOf, namedType } from './graph.ts';
import type { Site } from './site.ts';
import { any, type Side, type Typed, type Walk } from './typed.ts';

/** A list of entries whose values are of the schema; free-form values make the whole map JSON. */
export function addEntries(walk: Walk, values: Site, side: Side, depth: number): Typed {
  const value = walk.typeOf(values, side, depth + 1);
  if (value.json === 'any') return any(walk, values, 'it is a map of free-form values');
  const key = entryOf(walk, value, side);
  return { type: listOf(nonNull(namedType(key))), nullable: false, dictionary: true, json: 'object' };
}

/** One entry type for all maps with values of one type. */
function entryOf(walk: Walk, value: Typed, side: Side): string {
  const type: TypeNode = side === 'in' && !value.nullable ? nonNull(value.type) : value.type;
  return walk.graph.add({
    key: `entry ${side} ${value.dictionary ? 'map ' : ''}${print(type)}`,
    wanted: (nameOf) => `${valueName(value, nameOf)}Entry${side === 'in' ? 'Input' : ''}`,
    rank: 'derived',
    build: () => entryType(walk, value, type, side),
  });
}

function valueName(value: Typed, nameOf: (key: string) => string): string {
  const lists = print(value.type).split('[').length - 1;
  const name = nameOf(namedTypeOf(value.type).name.value);
  const bare = name.replace(/Input$/, '');
  return bare + 'List'.repeat(value.dictionary ? 0 : lists);
}

function entryType(walk: Walk, value: Typed, type: TypeNode, side: Side): TypeDefinitionNode {
  const string = nonNull(namedType('String'));
  const directives: ConstDirectiveNode[] = [
    ...(value.dictionary ? [directiveNode('dictionary', { subgraph: walk.source })] : []),
    ...(side === 'in' && value.encode ? [directiveNode('encode', { subgraph: walk.source, as: value.encode })] : []),
  ];
  if (side === 'in') {
    const kind = Kind.INPUT_VALUE_DEFINITION;
    const fields = [
      { kind, name: nameNode('key'), type: string },
      { kind, name: nameNode('value'), type, directives },
    ] as const;
    return { kind: Kind.INPUT_OBJECT_TYPE_DEFINITION, name: nameNode(''), fields };
  }
  const kind = Kind.FIELD_DEFINITION;
  const fields = [
    { kind, name: nameNode('key'), type: string },
    { kind, name: nameNode('value'), type, directives },
  ] as const;
  return { kind: Kind.OBJECT_TYPE_DEFINITION, name: nameNode(''), fields };
}
