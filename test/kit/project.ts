/** Project folders for tests: a world's sources in a folder of its own, built once however many tests use it. */
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { sha256 } from '../../gateway/lib/hash.ts';
import { stableStringify } from '../../gateway/lib/json.ts';
import { buildFrom, buildTree } from '../../gateway/registry/build.ts';
import { writeSchemas } from '../../gateway/registry/schemas.ts';
import { readStanding, standingFacts } from '../../gateway/registry/standing.ts';
import { readTree } from '../../gateway/registry/tree.ts';
import { warmBuilder } from './builder.ts';

export type SourceKind = 'openapi' | 'grpc' | 'graphql';

/** What a test writes over the files of its world, by name of the source. */
export type Overrides = Readonly<
  Record<string, { policy?: unknown; joins?: string; handler?: Record<string, unknown> }>
>;

export type Project = {
  readonly dir: string;
  /** Name → kind, in the order of `.meshrc.yaml`. */
  readonly sources: ReadonlyMap<string, SourceKind>;
};

const builder = warmBuilder();
const prepared = new Map<string, Promise<Project>>();

/** The environment variable that holds the endpoint of a source: endpoints shape no schema, so one build serves every port. */
export function endpointVariable(source: string): string {
  return `ENDPOINT_${source.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * The project of a world with some of its files replaced. The world itself is built, once; a project that differs starts from its
 * `schemas/`, so that only what really changes is built again. Nobody else may write to it.
 *
 * @param world folder with one folder per source: a contract, maybe `policy.yaml` and `joins.graphql`
 * @param only names of the sources to take; all without
 */
export function prepareProject(world: string, overrides: Overrides = {}, only?: readonly string[]): Promise<Project> {
  const key = sha256([world, stableStringify(overrides), stableStringify(only ?? [])]);
  let project = prepared.get(key);
  if (project === undefined) {
    const differs = Object.keys(overrides).length > 0 || only !== undefined;
    project = differs ? derive(world, overrides, only) : build(world);
    prepared.set(key, project);
  }
  return project;
}

async function build(world: string): Promise<Project> {
  const project = await writeProject(world);
  await buildTree({ dir: project.dir, env: {}, write: true, builder });
  return project;
}

async function derive(world: string, overrides: Overrides, only: readonly string[] | undefined): Promise<Project> {
  const base = await prepareProject(world);
  const project = await writeProject(world, overrides, only);
  await cp(join(base.dir, 'schemas'), join(project.dir, 'schemas'), { recursive: true });
  // What shapes the schema is built here once, and not by everybody who opens the project.
  const read = await readTree(project.dir, {});
  if (!read.ok) return project;
  const standing = await readStanding(standingFacts(read.tree));
  if (standing.unifiedIsCurrent) return project;
  const { result, failed } = await buildFrom(read.tree, standing, { all: false, builder });
  if (result && failed.length === 0) await writeSchemas(project.dir, result);
  return project;
}

/** Writes the project of a world without building it. The caller owns the folder. */
export async function writeProject(
  world: string,
  overrides: Overrides = {},
  only?: readonly string[],
): Promise<Project> {
  const dir = await mkdtemp(join(tmpdir(), `tributary-${basename(world)}-`));
  const folders = await readdir(world, { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const taken = names.filter((name) => only?.includes(name) ?? true).sort();
  const entries: unknown[] = [];
  const sources = new Map<string, SourceKind>();
  for (const name of taken) {
    const folder = join(dir, 'sources', name);
    await mkdir(folder, { recursive: true });
    await cp(join(world, name), folder, { recursive: true });
    const { policy, joins, handler } = overrides[name] ?? {};
    if (policy !== undefined) await writeFile(join(folder, 'policy.yaml'), stringify(policy));
    if (joins !== undefined) await writeFile(join(folder, 'joins.graphql'), joins);
    const { kind, contract } = findContract(await readdir(folder), name);
    const source = `./sources/${name}/${contract}`;
    entries.push({
      name,
      handler: { [kind]: { source, endpoint: `\${${endpointVariable(name)}:unset}`, ...handler } },
    });
    sources.set(name, kind);
  }
  await writeFile(join(dir, '.meshrc.yaml'), stringify({ sources: entries }));
  return { dir, sources };
}

/** Removes every project `prepareProject` made. */
export async function removeProjects(): Promise<void> {
  const projects = await Promise.allSettled(prepared.values());
  prepared.clear();
  for (const project of projects) {
    if (project.status === 'fulfilled') await rm(project.value.dir, { recursive: true, force: true });
  }
}

function findContract(files: readonly string[], source: string): { kind: SourceKind; contract: string } {
  for (const contract of files) {
    if (/^openapi\.(ya?ml|json)$/.test(contract)) return { kind: 'openapi', contract };
    if (contract.endsWith('.proto')) return { kind: 'grpc', contract };
    if (contract === 'schema.graphql') return { kind: 'graphql', contract };
  }
  throw new Error(`${source} has no contract`);
}
