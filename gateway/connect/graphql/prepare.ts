import { type GraphQLInputType, getNamedType, isListType, isNonNullType } from 'graphql';
import { directivesNamed } from '../../lib/sdl.ts';
import type { Call, ConnectorOperation } from '../connector.ts';
import { wireArguments } from '../input.ts';

/** A root field of the upstream, made ready once. */
export type PreparedField = {
  /** Its name there, which is also the key of its answer. */
  name: string;
  /** The request for one call. */
  build(call: Pick<Call, 'args' | 'selection'>): GraphqlRequest;
};

export type GraphqlRequest = { query: string; variables: Record<string, unknown> };

/** Reads `@graphqlField` of a root field: its name and the arguments' types as the upstream knows them. */
export function prepareField({ wire, field, kind }: ConnectorOperation, source: string): PreparedField {
  const name = String(wire['name']);
  const types = new Map(field.args.map((arg) => [arg.name, wireType(arg.type, source)]));
  const args = [...wireArguments(field, source)].map(([wireName, argument]) => ({
    ...argument,
    wireName,
    type: types.get(argument.name) ?? '',
  }));

  return {
    name,
    build: ({ args: values, selection }) => {
      // Without a prototype: a client may call a variable `__proto__`.
      const variables: Record<string, unknown> = Object.create(null);
      const declared: string[] = [];
      const passed: string[] = [];
      for (const [variable, { type, value }] of selection?.variables ?? []) {
        variables[variable] = value;
        declared.push(`$${variable}: ${type}`);
      }
      for (const argument of args) {
        const value = values[argument.name];
        // What the client left out stays left out: null and the upstream's own default are different things.
        if (value === undefined) continue;
        let variable = argument.wireName;
        while (Object.hasOwn(variables, variable)) variable = `_${variable}`;
        variables[variable] = argument.map(value);
        declared.push(`$${variable}: ${argument.type}`);
        passed.push(`${argument.wireName}: $${variable}`);
      }
      const head = declared.length === 0 ? kind : `${kind} (${declared.join(', ')})`;
      const call = passed.length === 0 ? name : `${name}(${passed.join(', ')})`;
      return { query: `${head} { ${call} ${selection?.text ?? ''} }`, variables };
    },
  };
}

/** A type as the upstream writes it: `@source(subgraph, name)` tells what it was called before it was renamed. */
function wireType(type: GraphQLInputType, source: string): string {
  if (isNonNullType(type)) return `${wireType(type.ofType, source)}!`;
  if (isListType(type)) return `[${wireType(type.ofType, source)}]`;
  const named = getNamedType(type);
  const origin = directivesNamed(named.astNode, 'source').find((args) => args['subgraph'] === source);
  return typeof origin?.['name'] === 'string' ? origin['name'] : named.name;
}
