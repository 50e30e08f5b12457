import type { ContractLimits } from '../../config/build.ts';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
import type { HandlerParams, SourceProduct } from '../handlers.ts';
import { annotateGrpc, type GrpcChoices } from './annotate.ts';
import { resolveContract } from './contract.ts';
import { slimDescriptors } from './descriptors.ts';
import { readRoot, readSource } from './source.ts';

const ROOT = 'Root0';

/**
 * Reads a gRPC contract: .proto files, a descriptor set, or what a server says of itself.
 * @throws GatewayError BAD_REQUEST when nothing of it can be served
 */
export async function readGrpcSource(
  params: HandlerParams,
  choices: GrpcChoices,
  limits: ContractLimits,
): Promise<SourceProduct> {
  const { name, baseDir, config } = params;
  const { root, missing, notes } = await readRoot(readSource(config['source']), {
    baseDir,
    name,
    metadata: metadataOf(config['metaData']),
    limits,
  });
  const resolved = resolveContract(root, missing);
  const contract = { ...resolved, notes: [...notes, ...resolved.notes] };
  const [first] = contract.methods;
  if (!first)
    throw new GatewayError('BAD_REQUEST', {
      message: 'The contract has no service: name the .proto that declares one.',
    });
  if (contract.methods.every(({ reason }) => reason !== undefined))
    throw new GatewayError('BAD_REQUEST', {
      message: `No method of the contract can be served: ${first.wireName} ${String(first.reason)}.`,
    });
  const roots = [{ name: ROOT, rootJson: slimDescriptors(contract) }];
  return { kind: 'grpc', contractServers: [], roots, ...annotateGrpc(contract, name, ROOT, choices) };
}

function metadataOf(value: unknown): Map<string, string> {
  const entries = Object.entries(isRecord(value) ? value : {}).filter((entry) => typeof entry[1] === 'string');
  return new Map(entries.map(([name, text]) => [name.toLowerCase(), String(text)]));
}
