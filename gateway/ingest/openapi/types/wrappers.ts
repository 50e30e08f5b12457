/** Values that are no objects, as members of a union: GraphQL has only objects there (spec §3.8). */
import { type FieldDefinitionNode, Kind, print } from 'graphql';
import { namedTypeOf } from '../../../lib/ast.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import type { Typed, Walk } from './typed.ts';

/** `StringValue { value }` for a scalar, `OrderList { list }` for a list, `StringMap { entries }` for a map. */
export function addWrapper(walk: Walk, typed: Typed): string {
  const part = typed.dictionary ? 'entries' : typed.json === 'array' ? 'list' : 'value';
  return walk.graph.add({
    key: `${part} of ${print(typed.type)}`,
    wanted: (nameOf) => wrapperName(nameOf(namedTypeOf(typed.type).name.value), part),
    rank: 'derived',
    build: () => {
      const marks = typed.dictionary
        ? directiveNode('dictionary', { subgraph: walk.source, rest: true })
        : directiveNode('resolveRoot', { subgraph: walk.source });
      const field: FieldDefinitionNode = {
        kind: Kind.FIELD_DEFINITION,
        name: nameNode(part),
        type: typed.type,
        directives: [marks],
      };
      return { kind: Kind.OBJECT_TYPE_DEFINITION, name: nameNode(''), fields: [field] };
    },
  });
}

function wrapperName(name: string, part: 'entries' | 'list' | 'value'): string {
  if (part === 'entries') return name.replace(/Entry$/, 'Map');
  return part === 'list' ? `${name}List` : `${name}Value`;
}
