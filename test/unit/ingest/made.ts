/** Contracts of one type, for tests of what schemas become. */
import { isUnionType, validateSchema } from 'graphql';
import { expect } from 'vitest';
import type { Ingested } from '../../../gateway/ingest/index.ts';
import { get, json, openapi, read, schemaOf } from './kit.ts';

export const ref = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` });
export const string = { type: 'string' };
export const integer = { type: 'integer' };
export const object = (properties: unknown, required: string[] = []): unknown => ({
  type: 'object',
  properties,
  required,
});

/** A contract whose one operation answers with `Thing` and, to be sent, takes it. */
export async function made(schemas: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<Ingested> {
  const body = { content: { 'application/json': { schema: ref('Thing') } } };
  const paths = {
    '/thing': {
      ...(get('thing', ref('Thing')) as object),
      put: { operationId: 'setThing', requestBody: body, responses: { '200': json(ref('Thing')) } },
    },
    ...more,
  };
  const result = await read({ files: openapi(paths, schemas, '3.1.0') });
  expect(validateSchema(schemaOf(result)).map(({ message }) => message)).toEqual([]);
  return result;
}

export const thing = (properties: unknown): Record<string, unknown> => ({ Thing: object(properties) });
export const members = (result: Ingested, name: string): string[] => {
  const type = schemaOf(result).getType(name);
  if (!isUnionType(type)) throw new Error(`${name} is no union`);
  return type.getTypes().map((each) => each.name);
};
