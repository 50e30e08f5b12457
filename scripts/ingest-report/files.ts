/** Which contracts a command line means, and where the imports of a .proto are found. */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { importsOf } from './proto.ts';

export type ContractKind = 'openapi' | 'grpc' | 'graphql';

export type ContractFile = { readonly file: string; readonly kind: ContractKind };

const KINDS: Readonly<Record<string, ContractKind>> = {
  '.json': 'openapi',
  '.yaml': 'openapi',
  '.yml': 'openapi',
  '.proto': 'grpc',
  '.graphql': 'graphql',
  '.gql': 'graphql',
  '.graphqls': 'graphql',
};
/** What a whole contract has at its top, in YAML or JSON; a .proto always is one. */
const SIGNS: Readonly<Partial<Record<ContractKind, RegExp>>> = {
  openapi: /^\s*[{,]?\s*["']?(openapi|swagger)["']?\s*:/m,
  graphql: /^\s*(type\s+(Query|Mutation|Subscription)|schema)\b/m,
};
const MAX_FILES = 20_000;
const MAX_CLIMB = 16;

/**
 * Files, folders and globs (`*`, `**`, `?`) as contracts, each once, in the order given. What stands in a folder or matches a glob
 * and is no contract itself (a part that others refer to, some other YAML) is passed over; a file that is named is always taken.
 *
 * @throws Error when something named is not there, when a pattern finds nothing, or above 20,000 files
 */
export async function findContracts(patterns: readonly string[], cwd: string): Promise<ContractFile[]> {
  const found = new Map<string, ContractFile>();
  for (const pattern of patterns) {
    const path = resolve(cwd, pattern);
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile()) {
      found.set(path, { file: path, kind: KINDS[extname(path).toLowerCase()] ?? 'openapi' });
      continue;
    }
    const isGlob = /[*?]/.test(pattern);
    if (info === undefined && !isGlob) throw new Error(`there is no ${pattern}`);
    const base = isGlob ? path.slice(0, path.search(/[*?]/)).replace(/[^/\\]*$/, '') : path;
    const wanted = isGlob ? globExpression(path) : /^/;
    const inside = (await listFiles(base)).filter((file) => wanted.test(file));
    const contracts = await Promise.all(inside.map(asContract));
    if (contracts.every((contract) => contract === undefined)) throw new Error(`there is no contract in ${pattern}`);
    for (const contract of contracts) if (contract !== undefined) found.set(contract.file, contract);
  }
  return [...found.values()];
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (files.length > MAX_FILES) throw new Error(`${folder} holds more than ${MAX_FILES} files`);
  return files.filter((file) => !file.includes(`${sep}node_modules${sep}`)).sort();
}

async function asContract(file: string): Promise<ContractFile | undefined> {
  const kind = KINDS[extname(file).toLowerCase()];
  if (kind === undefined) return undefined;
  const sign = SIGNS[kind];
  const isWhole = sign === undefined || sign.test(await readFile(file, 'utf8'));
  return isWhole ? { file, kind } : undefined;
}

function globExpression(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|[*?]|[\\^$.|+()[\]{}]/g, (token) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}

/**
 * The folder that the imports of a .proto start from: the nearest one above the file in which all of them are found, else the one
 * in which most are. Imports that every reader brings along (`google/protobuf`, `google/api`, `google/rpc`) do not count.
 */
export async function findIncludeDir(file: string): Promise<string> {
  const imports = importsOf(await readFile(file, 'utf8')).filter((path) => !/^google\/(protobuf|api|rpc)\//.test(path));
  let best = { folder: dirname(file), missing: Number.POSITIVE_INFINITY };
  let folder = dirname(file);
  for (let step = 0; step < MAX_CLIMB; step += 1) {
    const missing = imports.filter((path) => !existsSync(join(folder, path))).length;
    if (missing < best.missing) best = { folder, missing };
    const parent = dirname(folder);
    if (missing === 0 || parent === folder) break;
    folder = parent;
  }
  return best.folder;
}

/** A path as people write it: from the folder they stand in, where that is shorter. */
export function shortPath(file: string, cwd: string): string {
  const fromHere = relative(cwd, file);
  return fromHere.length < file.length ? fromHere : file;
}
