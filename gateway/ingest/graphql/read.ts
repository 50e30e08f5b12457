import { relative, resolve } from 'node:path';
import { buildASTSchema, buildClientSchema, type DocumentNode, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import type { ContractLimits } from '../../config/build.ts';
import { GatewayError } from '../../errors.ts';
import { readBounded } from '../../lib/bounded-file.ts';
import { deepLine } from '../../lib/depth.ts';
import { isRecord } from '../../lib/json.ts';
import type { HandlerParams } from '../handlers.ts';
import { ownFolder } from '../own-folder.ts';

/**
 * Reads a service's SDL, or what it answered to an introspection query as JSON. It is text and nothing else: no import in a comment is
 * followed, nothing is asked of a network, no module is loaded.
 * @throws GatewayError BAD_REQUEST that says what is wrong
 */
export async function readGraphqlContract(params: HandlerParams, limits: ContractLimits): Promise<GraphQLSchema> {
  const { baseDir, config } = params;
  const file = resolve(baseDir, String(config['source']));
  const name = relative(baseDir, file);
  if (!/\.(graphqls?|gql|json)$/i.test(file)) throw refused(`The contract ${name} has to be a .graphql or .json file.`);
  await ownFolder(params, file);
  const text = await readText(file, name, limits);
  const line = deepLine(text, limits.maxDepth);
  if (line !== undefined) throw refused(`${name}:${line} is nested deeper than ${limits.maxDepth} levels.`);
  if (/^\s*\{/.test(text)) return fromIntrospection(text, name);
  // A subgraph of a federation extends types that it does not have.
  const whole = text.includes('@key') ? text.replace(/extend type (\w+)/g, 'type $1 @extends') : text;
  return buildASTSchema(parsed(whole, name, limits), { assumeValid: true, assumeValidSDL: true });
}

async function readText(file: string, name: string, { maxContractBytes }: ContractLimits): Promise<string> {
  const bytes = await readBounded(file, maxContractBytes).catch((cause: unknown) => {
    throw refused(`There is no file ${name}.`, cause);
  });
  if (Buffer.isBuffer(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  const most = `is larger than ${maxContractBytes} bytes (build.maxContractBytes)`;
  throw refused(`The contract ${name} ${bytes.reason === 'is no file' ? bytes.reason : most}.`);
}

function parsed(text: string, name: string, { maxValues }: ContractLimits): DocumentNode {
  try {
    return parse(text, { noLocation: true, maxTokens: maxValues });
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    const said = cause.message.split('\n')[0]?.slice(0, 200) ?? '';
    throw refused(`${name}:${cause.locations?.[0]?.line ?? 1}: ${said}`, cause);
  }
}

function fromIntrospection(text: string, name: string): GraphQLSchema {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refused(`${name} is neither SDL nor the JSON of an introspection.`, cause);
  }
  const data = isRecord(value) && isRecord(value['data']) ? value['data'] : value;
  if (!isRecord(data) || !isRecord(data['__schema']))
    throw refused(`${name} holds no __schema: it is no introspection.`);
  return buildClientSchema(data as unknown as Parameters<typeof buildClientSchema>[0], { assumeValid: true });
}

function refused(message: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { message, cause });
}
