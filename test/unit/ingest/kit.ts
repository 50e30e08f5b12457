/** Contracts as text, read by the real ingest in process. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSchema, type GraphQLArgument, type GraphQLSchema } from 'graphql';
import { stringify } from 'yaml';
import { policySchema } from '../../../gateway/config/policy.ts';
import type { GatewayError } from '../../../gateway/errors.ts';
import { type Ingested, type IngestRequest, ingest } from '../../../gateway/ingest/index.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

export type Contract = {
  /** Files by name; the first is the contract. */
  files: Readonly<Record<string, string | Uint8Array>>;
  handler?: Readonly<Record<string, unknown>>;
  policy?: unknown;
  locked?: IngestRequest['locked'];
};

/** Reads several contracts in one run of the ingest, as the build does. */
export async function readAll(
  contracts: Readonly<Record<string, Contract>>,
): Promise<Map<string, Ingested | GatewayError>> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-ingest-'));
  try {
    const sources: unknown[] = [];
    const wanted: IngestRequest[] = [];
    for (const [name, { files, handler, policy, locked }] of Object.entries(contracts)) {
      for (const [file, text] of Object.entries(files)) {
        const path = join(dir, name, file);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
      }
      const [main = ''] = Object.keys(files);
      const kind = main.endsWith('.proto') ? 'grpc' : main.endsWith('.graphql') ? 'graphql' : 'openapi';
      sources.push({
        name,
        handler: { [kind]: { source: `./${name}/${main}`, endpoint: 'http://127.0.0.1:1', ...handler } },
      });
      wanted.push({
        name,
        hash: '0'.repeat(64),
        policy: policySchema.parse(policy ?? {}),
        ...(locked ? { locked } : {}),
      });
    }
    await writeFile(join(dir, '.meshrc.yaml'), stringify({ sources }));
    return await ingest(dir, wanted);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export async function read(contract: Contract): Promise<Ingested> {
  const result = (await readAll({ api: contract })).get('api');
  if (result === undefined || result instanceof Error) throw result ?? new Error('nothing came back');
  return result;
}

/** The sentence that a contract is refused with. */
export async function refusal(contract: Contract): Promise<GatewayError> {
  const result = (await readAll({ api: contract })).get('api');
  if (!(result instanceof Error)) throw new Error('the contract was accepted');
  return result;
}

/** The schema of a source's text. */
export function schemaOf({ text }: Ingested): GraphQLSchema {
  return buildSchema(`${WIRE_DIRECTIVES}\n${text}`, { assumeValidSDL: true });
}

/** `name(arg: Type): Type` of every field of a type, sorted. */
export function signatures(schema: GraphQLSchema, type: string): string[] {
  const found = schema.getType(type);
  if (found === undefined || !('getFields' in found)) return [];
  return Object.values(found.getFields())
    .map((field) => {
      const given: readonly GraphQLArgument[] = 'args' in field ? field.args : [];
      const args = given.map((arg) => `${arg.name}: ${String(arg.type)}`);
      return `${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}: ${String(field.type)}`;
    })
    .sort();
}

/** An OpenAPI contract of paths and component schemas. */
export function openapi(paths: unknown, schemas: unknown = {}, version = '3.0.3'): Contract['files'] {
  return {
    'openapi.json': JSON.stringify({
      openapi: version,
      info: { title: 't', version: '1' },
      paths,
      components: { schemas },
    }),
  };
}

export function json(schema: unknown): unknown {
  return { description: 'ok', content: { 'application/json': { schema } } };
}

/** A `get` of one answer. */
export function get(
  operationId: string | undefined,
  answer: unknown,
  more: Readonly<Record<string, unknown>> = {},
): unknown {
  return {
    get: { ...(operationId === undefined ? {} : { operationId }), responses: { '200': json(answer) }, ...more },
  };
}
