/** A supply of hand-made generations, for tests of what serves them. */
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { buildSchema, isObjectType } from 'graphql';
import type { Generation } from '../../gateway/compose/generation.ts';
import type { RequestContext } from '../../gateway/context.ts';
import { createInsight } from '../../gateway/execute/insight.ts';
import { readModel } from '../../gateway/execute/model.ts';
import { createPlanner } from '../../gateway/execute/planner.ts';
import type { Supply } from '../../gateway/registry/supply.ts';

export type Resolvers = Readonly<
  Record<string, Readonly<Record<string, GraphQLFieldResolver<unknown, RequestContext>>>>
>;

/** A schema from SDL, with resolvers by type and field. */
export function makeSchema(sdl: string, resolvers: Resolvers = {}): GraphQLSchema {
  const schema = buildSchema(sdl);
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`${typeName} is no object type of the schema`);
    for (const [name, resolve] of Object.entries(fields)) {
      const field = type.getFields()[name];
      if (field === undefined) throw new Error(`${typeName}.${name} is not in the schema`);
      field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
    }
  }
  return schema;
}

export type FixedGeneration = Generation & { disposals: number };

/** @param forwardedOf headers that calls send on; none without it */
export function makeGeneration(
  id: string,
  schema: GraphQLSchema,
  forwardedOf: () => readonly string[] = () => [],
): FixedGeneration {
  const model = readModel(schema);
  const planner = createPlanner(model);
  return {
    id,
    schema,
    publicSdl: '',
    sources: [{ name: 'fixed', kind: 'rest', state: 'active' }],
    insight: createInsight({
      model,
      planner,
      forwardedOf,
      generation: id,
      policyOf: () => ({}),
    }),
    model,
    planner,
    disposals: 0,
    async [Symbol.asyncDispose]() {
      this.disposals += 1;
    },
  };
}

/** A supply whose generation is set by hand. */
export function makeSupply(first?: Generation): Pick<Supply, 'current' | 'onSwap'> & { swap(next: Generation): void } {
  const listeners = new Set<(next: Generation, previous: Generation | undefined) => void>();
  let current = first;
  return {
    current: () => current,
    onSwap(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    swap(next) {
      const previous = current;
      current = next;
      for (const listener of listeners) listener(next, previous);
    },
  };
}
