import { type DocumentNode, execute, type GraphQLError, type GraphQLSchema } from 'graphql';
import { onlyFields } from '../collect.ts';
import type { Planned } from '../planner.ts';
import type { Program } from './program.ts';

/** The JSON of each question about the schema by its key, and the errors of all. Without answers one is missing that has to be there. */
export type Introspected = { answers: ReadonlyMap<string, string> | undefined; errors: readonly GraphQLError[] };

/**
 * Answers an operation's questions about the schema.
 *
 * @param schema as clients see it
 * @param variables as the client sent them
 */
export type Introspect = (schema: GraphQLSchema, variables: Readonly<Record<string, unknown>>) => Introspected;

/** The answers are graphql-js's own, whose schema it is; those that no variable shapes are made once. */
export function createIntrospect({ introspection, plan }: Program, fragments: Planned['fragments']): Introspect {
  const { operation } = plan;
  const document = onlyFields(
    operation,
    fragments,
    introspection.flatMap(({ nodes }) => nodes),
  );
  const isFixed = (operation.variableDefinitions ?? []).length === 0;
  let known: { schema: GraphQLSchema; introspected: Introspected } | undefined;
  return (schema, variables) => {
    if (isFixed && known?.schema === schema) return known.introspected;
    const introspected = answer(document, schema, variables);
    if (isFixed) known = { schema, introspected };
    return introspected;
  };
}

function answer(
  document: DocumentNode,
  schema: GraphQLSchema,
  variableValues: Readonly<Record<string, unknown>>,
): Introspected {
  const result = execute({ schema, document, variableValues });
  if (result instanceof Promise) throw new Error('the schema does not answer for itself');
  const { data, errors = [] } = result;
  if (data === null || data === undefined) return { answers: undefined, errors };
  return { answers: new Map(Object.entries(data).map(([key, value]) => [key, JSON.stringify(value)])), errors };
}
