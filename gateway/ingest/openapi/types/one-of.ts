/** Inputs that are one of several: an input object of which clients fill in one field (GraphQL spec §3.10.1, OneOf Input Objects). */
import { type InputValueDefinitionNode, Kind } from 'graphql';
import { camelCase, uniqueName } from '../../../lib/names.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import type { Located } from './site.ts';
import { typeText } from './texts.ts';
import type { Typed, Walk } from './typed.ts';

export type OneOfMember = {
  label: string;
  typed: Typed;
  /** Pairs of property and JSON text that the wire wants beside the value, where it has no such property. */
  set: readonly (readonly [string, string])[];
};

/** Adds the input; on the wire there is only the value of the field that is given. */
export function addOneOf(walk: Walk, at: Located, members: () => readonly OneOfMember[]): string {
  return walk.graph.add({
    key: `in ${at.ref ?? at.pointer}`,
    wanted: at.name,
    rank: 'input',
    build: () => {
      const taken = new Set<string>();
      const fields = members().map(({ label, typed, set }): InputValueDefinitionNode => {
        const name = uniqueName(camelCase(label), taken);
        const root = { subgraph: walk.source, ...(set.length > 0 ? { set } : {}) };
        const directives = [
          directiveNode('resolveRoot', root),
          ...(typed.dictionary ? [directiveNode('dictionary', { subgraph: walk.source })] : []),
          ...(typed.encode ? [directiveNode('encode', { subgraph: walk.source, as: typed.encode })] : []),
        ];
        return { kind: Kind.INPUT_VALUE_DEFINITION, name: nameNode(name), type: typed.type, directives };
      });
      return {
        kind: Kind.INPUT_OBJECT_TYPE_DEFINITION,
        ...typeText(at.schema),
        name: nameNode(''),
        directives: [directiveNode('oneOf', {})],
        fields,
      };
    },
  });
}
