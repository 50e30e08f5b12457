import { isAbsolute, join, sep } from 'node:path';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
import type { HandlerParams, SourceProduct } from '../handlers.ts';
import { collectOperations, type OperationChoices } from './operations.ts';
import { readContract } from './read.ts';
import { mapTypes } from './types/index.ts';

/**
 * Reads an OpenAPI contract: which operations it has, how each is called, and the types they speak in. An operation that cannot be
 * read is left out with its reason; what GraphQL cannot say of a type becomes the scalar JSON, and the report says where.
 * @throws GatewayError BAD_REQUEST when the document as a whole cannot be read
 */
export async function readOpenapiSource(
  params: HandlerParams,
  choices: OperationChoices,
  options: { strict: boolean },
): Promise<SourceProduct> {
  const source = String(params.config['source']);
  const file = isAbsolute(source) ? source : join(params.baseDir, source);
  const folder = join(params.baseDir, 'sources', params.name);
  // Files that belong together may lie anywhere in the source's folder.
  const contract = await readContract(file, file.startsWith(`${folder}${sep}`) ? { root: folder } : {});
  const collected = collectOperations(contract, choices);
  const types = mapTypes(contract, collected.operations, { source: params.name, strict: options.strict });
  const operations = collected.operations.map(({ http }) => http).filter(({ field }) => types.mapped.has(field));
  if (operations.length === 0 && collected.leftOut.length > 0) {
    const [first] = collected.leftOut;
    throw new GatewayError('BAD_REQUEST', {
      message: `The contract has no operation that can be served: ${first?.operation ?? ''}: ${first?.reason ?? ''}.`,
    });
  }
  return {
    kind: 'rest',
    document: types.document,
    contractServers: servers(contract.document),
    operations: {
      total: collected.total,
      wireNames: Object.fromEntries(operations.map(({ field, method, path }) => [`${method} ${path}`, field])),
    },
    leftOut: [...collected.leftOut, ...types.leftOut],
    fallbacks: types.fallbacks,
    notes: [...collected.notes, ...types.notes],
    renamed: collected.renamed,
  };
}

/** Absolute server addresses of the contract, variables filled with their defaults (OpenAPI 3.1 §4.8.5). */
function servers(document: Readonly<Record<string, unknown>>): string[] {
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
