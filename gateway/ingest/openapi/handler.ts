import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import MeshOpenapiHandler from '@graphql-mesh/openapi';
import { isRecord } from '../../lib/json.ts';
import type { HandlerParams, SourceProduct } from '../handlers.ts';
import { annotateOpenapi } from './annotate.ts';
import type { OperationChoices } from './operations.ts';
import { collectOperations } from './operations.ts';
import { readOpenapi } from './read.ts';
import { prepareSchemas } from './schemas.ts';
import { upgradeSwagger } from './swagger.ts';

/**
 * Reads an OpenAPI contract. Mesh makes the types; how an operation is called is read from the contract here, because Mesh's own
 * annotations keep only part of it. What Mesh is given is the contract in a plain form: one success answer per operation, every
 * anonymous type named after where it stands.
 */
export async function readOpenapiSource(params: HandlerParams, choices: OperationChoices): Promise<SourceProduct> {
  const source = String(params.config['source']);
  const document = structuredClone(
    upgradeSwagger(await readOpenapi(isAbsolute(source) ? source : join(params.baseDir, source))),
  );
  const collected = collectOperations(document, choices);
  const components = isRecord(document['components']) ? document['components'] : {};
  const schemas = isRecord(components['schemas']) ? components['schemas'] : {};
  prepareSchemas(schemas, collected.paths);
  const plain = {
    openapi: '3.0.3',
    info: { title: params.name, version: '1' },
    paths: collected.paths,
    components: { schemas },
  };
  const schema = await withTempFile(JSON.stringify(plain), async (file) => {
    const selected = collected.operations.map(({ field, kind }) => ({ fieldName: field, type: kind }));
    const config = {
      ...params.config,
      source: file,
      endpoint: 'http://source.invalid',
      selectQueryOrMutationField: selected,
    };
    const handler = new MeshOpenapiHandler({ ...params, config } as unknown as ConstructorParameters<
      typeof MeshOpenapiHandler
    >[0]);
    return handler.getNonExecutableSchema({ interpolatedSource: file });
  });
  return {
    kind: 'rest',
    document: annotateOpenapi(schema, params.name, collected.operations),
    contractServers: servers(document),
    operations: { total: collected.total, wireNames: wireNames(collected.operations) },
    leftOut: collected.leftOut,
    fallbacks: [],
    notes: [],
    renamed: collected.renamed,
  };
}

function wireNames(operations: readonly { field: string; method: string; path: string }[]): Record<string, string> {
  return Object.fromEntries(operations.map(({ field, method, path }) => [`${method} ${path}`, field]));
}

/** Absolute server addresses of the contract, variables filled with their defaults (OpenAPI 3.1 §4.8.5). */
function servers(document: Record<string, unknown>): string[] {
  const found: string[] = [];
  for (const server of Array.isArray(document['servers']) ? document['servers'] : []) {
    if (!isRecord(server) || typeof server['url'] !== 'string') continue;
    const variables = isRecord(server['variables']) ? server['variables'] : {};
    const url = server['url'].replace(/\{([^}]+)\}/g, (whole, name: string) => {
      const variable = variables[name];
      return isRecord(variable) && variable['default'] !== undefined ? String(variable['default']) : whole;
    });
    if (/^https?:\/\/[^{}]+$/.test(url)) found.push(url);
  }
  return found;
}

async function withTempFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-'));
  try {
    const file = join(folder, 'contract.json');
    await writeFile(file, text);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
