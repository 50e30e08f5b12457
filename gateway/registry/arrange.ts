/** A contract somebody brings → how it will stand in a source's folder and in `.meshrc.yaml`. */
import { stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import type { ContractLimits } from '../config/build.ts';
import type { Environment } from '../config/env.ts';
import { GatewayError } from '../errors.ts';
import { DESCRIPTORS, isDescriptorSet } from '../ingest/grpc/source.ts';
import { words } from '../lib/names.ts';
import { type ContractBuilder, createBuilder } from './builder.ts';
import { type Layout, layOutFile, layOutReflection, layoutOf } from './layout.ts';
import { SOURCE_KINDS, type SourceKind } from './source-kinds.ts';

/** What is known of a contract that is brought. */
export type Brought = {
  env: Environment;
  /** Path of the contract; with `reflection` there is none, and `name` has to be given. */
  contract: string;
  endpoint: string | undefined;
  kind: SourceKind | undefined;
  name: string | undefined;
  /** Folders that a .proto's imports are looked for in: absolute paths. */
  includeDirs?: readonly string[];
  /** Address of a gRPC server that describes itself. */
  reflection?: string | undefined;
  /** Metadata of gRPC calls and of reflection, values as they stand in `.meshrc.yaml`: `${NAME}` comes from the environment. */
  metadata?: Readonly<Record<string, string>>;
  /** Reads contracts; one of its own unless given. */
  builder?: Pick<ContractBuilder, 'limits' | 'layOut'> | undefined;
};

export type Arrangement = {
  name: string;
  kind: SourceKind;
  layout: Layout;
  /** The entry in `.meshrc.yaml`. */
  entry: { name: string; handler: Record<string, Record<string, unknown>> };
};

const NAME = /^[a-z][a-z0-9-]{0,62}$/i;
/** File names that say what a contract is but not whose. */
const TELLS_NOTHING = new Set(['openapi', 'swagger', 'api', 'schema', 'index', 'spec', 'service', 'main']);

/**
 * Says where each file of a contract goes. Nothing is written.
 * @throws GatewayError BAD_REQUEST that says what to change
 */
export async function arrange(brought: Brought): Promise<Arrangement> {
  const { env, contract, reflection, metadata = {}, builder = createBuilder() } = brought;
  const endpoint = brought.endpoint ?? reflection;
  if (reflection === undefined) await checkFile(contract, builder.limits);
  const kind = reflection === undefined ? (brought.kind ?? kindOf(contract)) : 'grpc';
  const name = checkName(brought.name ?? nameOf(contract));
  if (endpoint === undefined && kind !== 'openapi')
    throw new GatewayError('BAD_REQUEST', {
      message: `Say where the service is: --endpoint ${kind === 'grpc' ? 'host:port' : 'URL'}.`,
    });
  const layout =
    reflection === undefined
      ? await layOut(contract, kind, brought.includeDirs ?? [], builder, env)
      : await layOutReflection(name, reflection, withEnvironment(metadata, env));
  const handler = {
    source: layout.source(name),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(Object.keys(metadata).length > 0 ? { metaData: metadata } : {}),
  };
  return { name, kind, layout, entry: { name, handler: { [kind]: handler } } };
}

/** @throws GatewayError BAD_REQUEST when no source can have the name */
export function checkName(name: string): string {
  if (NAME.test(name)) return name;
  const message = `${name.slice(0, 100)} cannot be the name of a source: begin with a letter, then letters, digits and dashes (--name).`;
  throw new GatewayError('BAD_REQUEST', { message });
}

function kindOf(contract: string): SourceKind {
  const extension = extname(contract).toLowerCase();
  if (extension === '.proto' || isDescriptorSet(contract)) return 'grpc';
  if (extension === '.graphql' || extension === '.gql' || extension === '.graphqls') return 'graphql';
  if (['.json', '.yaml', '.yml'].includes(extension)) return 'openapi';
  throw new GatewayError('BAD_REQUEST', {
    message: `${basename(contract)} does not tell what it is: say --kind ${SOURCE_KINDS.join('|')}.`,
  });
}

function nameOf(contract: string): string {
  const own = basename(contract, extname(contract));
  const telling = TELLS_NOTHING.has(own.toLowerCase()) ? basename(dirname(contract)) : own;
  return (
    words(telling)
      .map((word) => word.toLowerCase())
      .filter((word) => !/^v?\d+$/.test(word) && !TELLS_NOTHING.has(word))
      .join('-') || own
  );
}

async function layOut(
  contract: string,
  kind: SourceKind,
  includeDirs: readonly string[],
  builder: Pick<ContractBuilder, 'layOut'>,
  env: Environment,
): Promise<Layout> {
  if (kind === 'graphql') return layOutFile(contract, 'schema.graphql');
  if (kind === 'grpc' && isDescriptorSet(contract)) return layOutFile(contract, DESCRIPTORS);
  return layoutOf(await builder.layOut({ contract, kind, includeDirs }, env));
}

async function checkFile(contract: string, { maxContractBytes }: ContractLimits): Promise<void> {
  const facts = await stat(contract).catch((cause: unknown) => {
    throw new GatewayError('BAD_REQUEST', { message: `There is no file ${contract}.`, cause });
  });
  if (!facts.isFile()) throw new GatewayError('BAD_REQUEST', { message: `${contract} is no file.` });
  if (facts.size > maxContractBytes)
    throw new GatewayError('BAD_REQUEST', {
      message: `${contract} is too large: a contract may have ${maxContractBytes} bytes (build.maxContractBytes).`,
    });
}

/** Metadata as it is sent: the environment filled in, `$${` the two characters themselves. */
export function withEnvironment(metadata: Readonly<Record<string, string>>, env: Environment): Map<string, string> {
  const value = (text: string): string =>
    text.replace(/\$\$\{|\$\{(\w+)(?::([^}]*))?\}/g, (_all, name?: string, other = '') =>
      name === undefined ? '${' : (env[name] ?? other),
    );
  return new Map(Object.entries(metadata).map(([name, text]) => [name.toLowerCase(), value(text)]));
}
