import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSchema, type GraphQLSchema, getIntrospectionQuery, isObjectType, isRequiredArgument } from 'graphql';
import { readTree } from '../lib/proc.ts';
import { median } from '../lib/stats.ts';
import { type Question, startGateway } from './gateway.ts';

/** Medians of all starts; times in ms, memory in bytes. */
export type Start = {
  startMs: number;
  rssBytes: number;
  firstMs: number;
  introspectionMs: number;
  introspectionBytes: number;
  rssAfterBytes: number;
};

/** What GraphiQL asks first. */
export const introspection = getIntrospectionQuery({ schemaDescription: true, inputValueDeprecation: true });

/**
 * Starts the gateway for a project whose schemas are built, several times over.
 *
 * @param rootFields how many fields its queries and mutations must have
 * @throws Error when an answer is wrong
 */
export async function measureStarts(
  project: string,
  first: Question,
  rootFields: number,
  starts: number,
): Promise<Start> {
  const all: Start[] = [];
  for (let index = 0; index < starts; index += 1) {
    await using gateway = await startGateway(project, first);
    const rssBytes = readTree(gateway.pid).rssBytes;
    const askedAt = performance.now();
    const answer = await gateway.ask(introspection);
    const introspectionMs = performance.now() - askedAt;
    const rssAfterBytes = readTree(gateway.pid).rssBytes;
    const seen = countIntrospected(answer);
    if (seen !== rootFields) throw new Error(`introspection shows ${seen} root fields in place of ${rootFields}`);
    const { startMs, firstMs } = gateway;
    all.push({ startMs, rssBytes, firstMs, introspectionMs, introspectionBytes: answer.length, rssAfterBytes });
  }
  const of = (read: (start: Start) => number) => median(all.map(read));
  return {
    startMs: of((start) => start.startMs),
    rssBytes: of((start) => start.rssBytes),
    firstMs: of((start) => start.firstMs),
    introspectionMs: of((start) => start.introspectionMs),
    introspectionBytes: of((start) => start.introspectionBytes),
    rssAfterBytes: of((start) => start.rssAfterBytes),
  };
}

/** The schema that clients of a project see. */
export async function readSchema(project: string): Promise<GraphQLSchema> {
  return buildSchema(await readFile(join(project, 'schemas', 'unified.graphql'), 'utf8'), { assumeValidSDL: true });
}

/** How many fields queries and mutations have. */
export function countRootFields(schema: GraphQLSchema): number {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  return roots.reduce((sum, type) => sum + Object.keys(type?.getFields() ?? {}).length, 0);
}

/**
 * A query that any schema has a right answer to, where the upstream answers every call with an empty object: one object that needs no argument.
 *
 * @throws Error when there is none
 */
export function pickQuestion(schema: GraphQLSchema): Question {
  for (const { name, type, args } of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    if (!isObjectType(type) || args.some(isRequiredArgument)) continue;
    return { query: `{ ${name} { __typename } }`, expected: { [name]: { __typename: type.name } } };
  }
  throw new Error('the contract has no operation that answers one object and needs no argument');
}

type Introspected = {
  data: { __schema: { [root in 'queryType' | 'mutationType']: { name: string } | null } & { types: Named[] } };
};
type Named = { name: string; fields: unknown[] | null };

function countIntrospected(answer: Buffer): number {
  const { queryType, mutationType, types } = (JSON.parse(answer.toString()) as Introspected).data.__schema;
  const roots = types.filter(({ name }) => name === queryType?.name || name === mutationType?.name);
  return roots.reduce((sum, { fields }) => sum + (fields?.length ?? 0), 0);
}
