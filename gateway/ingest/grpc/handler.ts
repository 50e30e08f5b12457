import { loadGrpcSubgraph } from '@omnigraph/grpc';
import type { GraphQLSchema } from 'graphql';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
import type { HandlerParams, SourceProduct } from '../handlers.ts';
import { annotateGrpc, type GrpcChoices } from './annotate.ts';
import type { ProtoNamespace } from './methods.ts';
import { probeProto } from './probe.ts';

/** Reads a .proto contract through the loader of `@omnigraph/grpc`: types from Mesh, methods from the descriptors. */
export async function readGrpcSource(params: HandlerParams, choices: GrpcChoices): Promise<SourceProduct> {
  const { source } = params.config;
  const file = isRecord(source) ? source['file'] : source;
  if (typeof file !== 'string' || !file.endsWith('.proto'))
    throw new GatewayError('BAD_REQUEST', { message: 'A gRPC contract is a .proto file.' });
  if (!file.includes('*')) probeProto(params.baseDir, file, includeDirsOf(source));
  // The loader wants an address although reading files needs none.
  const config = { endpoint: 'source.invalid:1', ...params.config };
  const load = loadGrpcSubgraph(params.name, config as Parameters<typeof loadGrpcSubgraph>[1]);
  const context = { cwd: params.baseDir, logger: params.logger, fetch: globalThis.fetch } as unknown as Parameters<
    typeof load
  >[0];
  const schema = await load(context).schema$;
  const roots = rootsOf(schema);
  const parsed = roots.map(({ name, rootJson }) => ({ name, root: JSON.parse(rootJson) as ProtoNamespace }));
  return { kind: 'grpc', contractServers: [], roots, fallbacks: [], notes: [], ...annotateGrpc(schema, params.name, parsed, choices) };
}

function includeDirsOf(source: unknown): string[] {
  const load = isRecord(source) ? source['load'] : undefined;
  const dirs = isRecord(load) ? load['includeDirs'] : undefined;
  return Array.isArray(dirs) ? dirs.map(String) : [];
}

function rootsOf(schema: GraphQLSchema): { name: string; rootJson: string }[] {
  const directives = schema.extensions['directives'];
  const transport = isRecord(directives) ? directives['transport'] : undefined;
  const options = isRecord(transport) ? transport['options'] : undefined;
  return isRecord(options) && Array.isArray(options['roots']) ? options['roots'] : [];
}
