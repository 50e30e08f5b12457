import { cp, mkdir, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { stringify } from 'yaml';
import { isFresh } from '../lib/fresh.ts';
import { root, run } from '../lib/launch.ts';
import { type Contract, createContract, createPartnersContract, createRowsContract } from './contracts.ts';

/** The built gateway. */
export const program = `${root}dist/tributary.js`;

const BUILD_LIMIT_MS = 180_000;
const SCHEMA_LIMIT_MS = 900_000;

export type Source = {
  name: string;
  /** Made here, or the file that holds it. */
  contract: Contract | string;
  policy?: Readonly<Record<string, unknown>>;
  joins?: string;
};

/** How the gateway is set so that no work is shared or known again: what is counted is done for each request. */
const UNSHARED = {
  config: { execution: { shareOperations: false }, callCache: { unchangedBytes: 0 } },
  coalesce: false,
};

/** So many sources with so many operations each, of different names: s0, s1 and so on. */
export function createSources(count: number, operations: number): Source[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `s${index}`,
    contract: createContract(`s${index}`, operations),
  }));
}

/** A list, and what its rows are joined to by one call for all. */
export function createJoinedSources(): Source[] {
  const joins = `extend type Row {
  "Who it is made with"
  partner: Partner
    @resolveTo(
      sourceName: "partners"
      sourceTypeName: "Query"
      sourceFieldName: "partners"
      requiredSelectionSet: "{ partnerId }"
      keyField: "partnerId"
      keysArg: "id"
      valueKeyField: "id"
    )
}
`;
  return [
    { name: 'rows', contract: createRowsContract(), joins },
    { name: 'partners', contract: createPartnersContract(), policy: { operations: { partners: { batchSize: 1000 } } } },
  ];
}

/** Builds the gateway where that was not done since it changed. */
export async function buildGateway(): Promise<void> {
  const inputs = ['gateway', 'scripts', 'tsconfig.build.json', 'package.json'].map((input) => `${root}${input}`);
  if (!isFresh(program, inputs)) await run('npm', ['run', 'build'], root, BUILD_LIMIT_MS);
}

/**
 * Writes a project, and the schemas that its start needs.
 *
 * @param folder where it is made; must not be there
 * @param port of the upstream of all sources
 * @param unshared whether each request is to do all of its work by itself
 */
export async function makeProject(
  folder: string,
  sources: readonly Source[],
  port: number,
  unshared: boolean,
): Promise<void> {
  const entries = [];
  for (const { name, contract, policy, joins } of sources) {
    const own = join(folder, 'sources', name);
    await mkdir(own, { recursive: true });
    const file = `openapi${typeof contract === 'string' ? extname(contract) : '.json'}`;
    if (typeof contract === 'string') await cp(contract, join(own, file));
    else await writeFile(join(own, file), JSON.stringify(contract));
    await writeFile(
      join(own, 'policy.yaml'),
      stringify({ owner: 'bench', ...(unshared && { coalesce: UNSHARED.coalesce }), ...policy }),
    );
    if (joins !== undefined) await writeFile(join(own, 'joins.graphql'), joins);
    const openapi = { source: `./sources/${name}/${file}`, endpoint: `http://127.0.0.1:${port}` };
    entries.push({ name, handler: { openapi } });
  }
  const loopback = { listen: { host: '127.0.0.1' }, admin: { host: '127.0.0.1' } };
  await writeFile(join(folder, '.meshrc.yaml'), stringify({ sources: entries }));
  await writeFile(join(folder, 'gateway.yaml'), stringify({ ...loopback, ...(unshared && UNSHARED.config) }));
  await run(process.execPath, [program, 'schema', '--write', '--dir', folder], root, SCHEMA_LIMIT_MS);
}
