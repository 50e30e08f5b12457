import { isAbsolute, join } from 'node:path';
import type { ContractLimits } from '../../config/build.ts';
import { GatewayError } from '../../errors.ts';
import type { HandlerParams, SourceProduct } from '../handlers.ts';
import { ownFolder } from '../own-folder.ts';
import type { Note } from '../wire.ts';
import { collectLinks } from './links.ts';
import { type ContractOperation, collectOperations, type OperationChoices } from './operations.ts';
import { readContract } from './read.ts';
import { readSecurity } from './security.ts';
import { readServers } from './servers.ts';
import { mapTypes } from './types/index.ts';

/**
 * Reads an OpenAPI contract: which operations it has, how each is called, and the types they speak in. An operation that cannot be
 * read is left out with its reason; what GraphQL cannot say of a type becomes the scalar JSON, and the report says where.
 * @throws GatewayError BAD_REQUEST when the document as a whole cannot be read
 */
export async function readOpenapiSource(
  params: HandlerParams,
  choices: OperationChoices,
  options: { strict: boolean; limits: ContractLimits },
): Promise<SourceProduct> {
  const source = String(params.config['source']);
  const file = isAbsolute(source) ? source : join(params.baseDir, source);
  const root = await ownFolder(params, file);
  const contract = await readContract(file, { limits: options.limits, ...(root === undefined ? {} : { root }) });
  const collected = collectOperations(contract, choices);
  const types = mapTypes(contract, collected.operations, { source: params.name, strict: options.strict });
  const served = collected.operations.filter(({ http }) => types.mapped.has(http.field));
  const operations = served.map(({ http }) => http);
  const untold = served.filter(isUntold);
  if (operations.length === 0 && collected.leftOut.length > 0) {
    const [first] = collected.leftOut;
    throw new GatewayError('BAD_REQUEST', {
      message: `The contract has no operation that can be served: ${first?.operation ?? ''}: ${first?.reason ?? ''}.`,
    });
  }
  const { addresses, template, notes } = readServers(contract.document);
  const security = readSecurity(contract.document, contract.resolve);
  const links = collectLinks(contract, served);
  return {
    kind: 'rest',
    document: types.document,
    contractServers: addresses,
    links: links.links,
    ...(template || security ? { options: { server: template, security } } : {}),
    operations: {
      total: collected.total,
      wireNames: Object.fromEntries(operations.map(({ field, method, path }) => [`${method} ${path}`, field])),
    },
    leftOut: [...collected.leftOut, ...types.leftOut],
    fallbacks: types.fallbacks,
    notes: [...notes, ...collected.notes, ...types.notes, ...untold.map(untoldNote), ...links.notes],
    guesses: served.flatMap(({ guess }) => guess ?? []),
    untold: untold.map(({ http }) => http.field),
    renamed: collected.renamed,
  };
}

/** Whether a read is asked for something of which the contract says nothing; 204 and 205 say that there is nothing (RFC 9110 §15.3). */
function isUntold({ http, answer }: ContractOperation): boolean {
  return http.method === 'GET' && answer.mediaType === '' && !/^20[45]$/.test(answer.status);
}

function untoldNote({ pointer }: ContractOperation): Note {
  return { pointer: `${pointer}/responses`, text: 'says nothing of what is answered: the field is always null' };
}
