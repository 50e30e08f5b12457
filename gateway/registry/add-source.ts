import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Environment } from '../config/env.ts';
import { GatewayError } from '../errors.ts';
import { DESCRIPTORS, isDescriptorSet } from '../ingest/grpc/source.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { words } from '../lib/names.ts';
import { type Builder, createBuilder } from './builder.ts';
import { type Layout, layOutFile, layOutReflection, layoutOf } from './layout.ts';
import { applyChange, findEntry } from './stage.ts';

export const SOURCE_KINDS = ['openapi', 'grpc', 'graphql'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

export type AddSource = {
  dir: string;
  env: Environment;
  /** Path of the contract; with `reflection` there is none, and `name` has to be given. */
  contract: string;
  endpoint: string | undefined;
  kind: SourceKind | undefined;
  name: string | undefined;
  dryRun: boolean;
  /** Folders that a .proto's imports are looked for in: absolute paths. */
  includeDirs?: readonly string[];
  /** Address of a gRPC server that describes itself. */
  reflection?: string | undefined;
  /** Metadata of gRPC calls and of reflection, values as they stand in `.meshrc.yaml`: `${NAME}` comes from the environment. */
  metadata?: Readonly<Record<string, string>>;
  /** Reads contracts; one of its own unless given. */
  builder?: Builder | undefined;
};

export type SourceAdded = { name: string; kind: SourceKind; report: ImportReport; files: string[] };

const NAME = /^[a-z][a-z0-9-]{0,62}$/i;
/** File names that say what a contract is but not whose. */
const TELLS_NOTHING = new Set(['openapi', 'swagger', 'api', 'schema', 'index', 'spec', 'service', 'main']);

/**
 * Brings a contract into the project: the source's folder, its entry in `.meshrc.yaml` (comments kept) and `schemas/`.
 * Nothing is written when the contract cannot be read or does not fit.
 * @throws GatewayError BAD_REQUEST that says what to change
 */
export async function addSource(options: AddSource): Promise<SourceAdded> {
  const { dir, env, contract, dryRun, reflection, metadata = {}, builder = createBuilder() } = options;
  const endpoint = options.endpoint ?? reflection;
  if (reflection === undefined) await checkFile(contract, builder.limits);
  const kind = reflection === undefined ? (options.kind ?? kindOf(contract)) : 'grpc';
  const name = options.name ?? nameOf(contract);
  if (!NAME.test(name))
    throw new GatewayError('BAD_REQUEST', {
      message: `${name} cannot be the name of a source: begin with a letter, then letters, digits and dashes (--name).`,
    });
  if (await stat(join(dir, 'sources', name)).catch(() => undefined))
    throw new GatewayError('BAD_REQUEST', {
      message: `sources/${name} is there already: choose another name (--name).`,
    });
  if (endpoint === undefined && kind !== 'openapi')
    throw new GatewayError('BAD_REQUEST', {
      message: `Say where the service is: --endpoint ${kind === 'grpc' ? 'host:port' : 'URL'}.`,
    });
  const layout =
    reflection === undefined
      ? await layOut(contract, kind, options.includeDirs ?? [], builder, env)
      : await layOutReflection(name, reflection, withEnvironment(metadata, env));
  const handler = {
    source: layout.source(name),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(Object.keys(metadata).length > 0 ? { metaData: metadata } : {}),
  };
  const { reports } = await applyChange({
    dir,
    env,
    source: name,
    dryRun,
    builder,
    write: (folder) => writeFolder(folder, name, kind, layout),
    edit: (sources, document) => {
      if (findEntry(sources, name))
        throw new GatewayError('BAD_REQUEST', {
          message: `.meshrc.yaml has a source ${name} already: choose another name (--name).`,
        });
      sources.add(document.createNode({ name, handler: { [kind]: handler } }));
    },
  });
  const report = reports.find(({ source }) => source === name);
  if (!report) throw new GatewayError('INTERNAL');
  report.notes.unshift(...(layout.notes ?? []));
  return {
    name,
    kind,
    report,
    files: [layout.main, 'policy.yaml', 'joins.graphql', 'README.md'].map((file) => `sources/${name}/${file}`),
  };
}

/** Takes a source out of the project. Joins of others that lead to it are faults, and nothing is changed. */
export async function removeSource({
  dir,
  env,
  name,
  dryRun,
  builder,
}: Pick<AddSource, 'dir' | 'env' | 'dryRun' | 'builder'> & { name: string }): Promise<void> {
  await applyChange({
    dir,
    env,
    source: name,
    dryRun,
    builder,
    edit: (sources) => {
      const entry = findEntry(sources, name);
      if (!entry) throw new GatewayError('BAD_REQUEST', { message: `.meshrc.yaml has no source ${name}.` });
      sources.items.splice(sources.items.indexOf(entry), 1);
    },
  });
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

/** Before anything of it is read or copied. */
async function checkFile(contract: string, { maxContractBytes }: Builder['limits']): Promise<void> {
  const facts = await stat(contract).catch((cause: unknown) => {
    throw new GatewayError('BAD_REQUEST', { message: `There is no file ${contract}.`, cause });
  });
  if (!facts.isFile()) throw new GatewayError('BAD_REQUEST', { message: `${contract} is no file.` });
  if (facts.size > maxContractBytes)
    throw new GatewayError('BAD_REQUEST', {
      message: `${contract} is too large: a contract may have ${maxContractBytes} bytes (build.maxContractBytes).`,
    });
}

async function layOut(
  contract: string,
  kind: SourceKind,
  includeDirs: readonly string[],
  builder: Builder,
  env: Environment,
): Promise<Layout> {
  if (kind === 'graphql') return layOutFile(contract, 'schema.graphql');
  if (kind === 'grpc' && isDescriptorSet(contract)) return layOutFile(contract, DESCRIPTORS);
  return layoutOf(await builder.layOut({ contract, kind, includeDirs }, env));
}

function withEnvironment(metadata: Readonly<Record<string, string>>, env: Environment): Map<string, string> {
  const value = (text: string): string =>
    text.replace(/\$\{(\w+)(?::([^}]*))?\}/g, (_all, name: string, other = '') => env[name] ?? other);
  return new Map(Object.entries(metadata).map(([name, text]) => [name.toLowerCase(), value(text)]));
}

async function writeFolder(folder: string, name: string, kind: SourceKind, layout: Layout): Promise<void> {
  await mkdir(folder, { recursive: true });
  await layout.write(folder);
  await writeFile(join(folder, 'policy.yaml'), POLICY);
  await writeFile(join(folder, 'joins.graphql'), JOINS);
  await writeFile(
    join(folder, 'README.md'),
    `# ${name}\n\n- Owner: (team and how to reach it)\n- Contract: \`${layout.main}\` (${kind})\n- Environments: (where it runs)\n- Oddities: (what callers should know)\n`,
  );
}

const POLICY = `# How the gateway treats this source. Every key is optional.
# owner: team-name
# deadlineMs: 2000
`;

const JOINS = `# Fields that types of this source gain by asking another source. They only add; what exists stays in the contract.
#
# extend type Order {
#   customer: Customer
#     @resolveTo(sourceName: "customers", sourceTypeName: "Query", sourceFieldName: "customers",
#       requiredSelectionSet: "{ customerId }", keyField: "customerId", keysArg: "ids", valueKeyField: "id")
# }
`;
