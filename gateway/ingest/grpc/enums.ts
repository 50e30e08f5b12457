import { type EnumTypeDefinitionNode, type EnumValueDefinitionNode, Kind } from 'graphql';
import type protobuf from 'protobufjs';
import { unrecognizedName } from '../../connect/grpc/shape.ts';
import { stringNode } from '../../lib/ast.ts';
import { graphqlName, uniqueName } from '../../lib/names.ts';
import { directiveNode, nameNode } from '../../lib/sdl.ts';
import { deprecation, describe, type TypeWriter } from './types.ts';

/** Names GraphQL gives to values of its own (spec §3.9). */
const LITERALS = new Set(['true', 'false', 'null']);

/**
 * An enum with the names of the contract, also those that stand for one number; where GraphQL does not allow a name it gets an
 * underscore. In answers there is one value more, for numbers the contract does not know.
 */
export function enumType(
  type: protobuf.Enum,
  answered: boolean,
  { source, names }: TypeWriter,
): EnumTypeDefinitionNode {
  const taken = new Set<string>();
  const values = Object.keys(type.values).map((wire): EnumValueDefinitionNode => {
    const name = uniqueName(allowed(wire), taken);
    const mapping = name === wire ? [] : [directiveNode('enum', { subgraph: source, value: JSON.stringify(wire) })];
    const deprecated = deprecation(type.valuesOptions?.[wire]?.['deprecated'] === true);
    return {
      kind: Kind.ENUM_VALUE_DEFINITION,
      ...describe(type.comments[wire] ?? null),
      name: nameNode(name),
      directives: [...mapping, ...deprecated],
    };
  });
  if (answered) {
    const text = 'A number that the contract has no name for. It cannot be sent.';
    const name = nameNode(unrecognizedName(type));
    values.push({ kind: Kind.ENUM_VALUE_DEFINITION, description: stringNode(text), name, directives: [] });
  }
  const name = nameNode(names.output(type));
  return { kind: Kind.ENUM_TYPE_DEFINITION, ...describe(type.comment), name, directives: [], values };
}

function allowed(wire: string): string {
  const name = graphqlName(wire);
  if (LITERALS.has(name)) return `_${name}`;
  return name.startsWith('__') ? `_${name.replace(/^_+/, '')}` : name;
}
