import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { buildSchema, isObjectType } from 'graphql';

export type Resolvers<Context> = Record<string, Record<string, GraphQLFieldResolver<never, Context, never>>>;

/** A schema from its text, with the fields that call an upstream; all others read the property of their name. */
export function createSchema<Context>(typeDefs: string, resolvers: Resolvers<Context>): GraphQLSchema {
  const schema = buildSchema(typeDefs);
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`no object type ${typeName}`);
    for (const [name, resolve] of Object.entries(fields)) {
      const field = type.getFields()[name];
      if (!field) throw new Error(`no field ${typeName}.${name}`);
      field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
    }
  }
  return schema;
}
