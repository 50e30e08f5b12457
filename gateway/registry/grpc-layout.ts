import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fetchDescriptorSet } from '../connect/grpc/reflection.ts';
import { GatewayError } from '../errors.ts';
import { resolveContract } from '../ingest/grpc/contract.ts';
import { missingText, type ProtoFiles, parseProtoFiles, readProtoFiles } from '../ingest/grpc/proto-files.ts';
import { DESCRIPTORS, undescribedNotes } from '../ingest/grpc/source.ts';
import type { Note } from '../ingest/wire.ts';

/** How a contract comes into a source's folder. */
export type Layout = {
  /** Path of the contract in the folder. */
  main: string;
  /** The handler's `source` for a source of this name. */
  source: (name: string) => unknown;
  write: (folder: string) => Promise<void>;
  /** What did not come with it, for the report. */
  notes?: Note[];
};

/** One file under a name of its own. */
export function layOutFile(contract: string, main: string): Layout {
  return {
    main,
    source: (name) => `./sources/${name}/${main}`,
    write: (folder) => copyFile(contract, join(folder, main)),
  };
}

/**
 * A .proto and everything it imports, each file under the path it is imported by: the roots of several include folders become one.
 * @param includeDirs absolute paths of folders that imports are looked for in
 * @throws GatewayError BAD_REQUEST that names file, line and remedy when an import is missing that a method needs
 */
export async function layOutProto(contract: string, includeDirs: readonly string[]): Promise<Layout> {
  const read = await readProtoFiles([contract], includeDirs);
  const { methods } = resolveContract(parseProtoFiles(read), read.missing);
  const [missing] = read.missing;
  if (missing && methods.some(({ reason }) => reason !== undefined))
    throw new GatewayError('BAD_REQUEST', { message: `${missingText(missing)}.` });
  const names = namesOf(read, includeDirs);
  const main = names.get(contract) ?? '';
  return {
    main,
    source: (name) => {
      const file = `./sources/${name}/${main}`;
      return names.size > 1 ? { file, load: { includeDirs: [`./sources/${name}`] } } : file;
    },
    write: async (folder) => {
      for (const [path, name] of names) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await copyFile(path, join(folder, name));
      }
    },
  };
}

/** What a server says of itself, kept as a descriptor set so that builds need no network. */
export async function layOutReflection(
  source: string,
  address: string,
  metadata: ReadonlyMap<string, string>,
): Promise<Layout> {
  const fetched = await fetchDescriptorSet({ source, address, metadata });
  return {
    main: DESCRIPTORS,
    source: (name) => `./sources/${name}/${DESCRIPTORS}`,
    write: (folder) => writeFile(join(folder, DESCRIPTORS), fetched.bytes),
    notes: undescribedNotes(fetched),
  };
}

/** Names in the copy: below the include folder, the nearest where they nest, or else below the one that all imports are found from. */
function namesOf({ files, roots }: ProtoFiles, includeDirs: readonly string[]): Map<string, string> {
  const dirs = includeDirs.map((dir) => resolve(dir)).sort((a, b) => b.length - a.length);
  const includeOf = (path: string): string | undefined => dirs.find((dir) => path.startsWith(dir + sep));
  const loose = files.map(({ path }) => path).filter((path) => includeOf(path) === undefined);
  const loosely = [...roots].filter((root) => !dirs.includes(root)).map((root) => join(root, 'any.proto'));
  const common = commonFolder([...loose, ...loosely]);
  const names = new Map<string, string>();
  const taken = new Map<string, string>();
  for (const { path } of files) {
    const name = relative(includeOf(path) ?? common, path)
      .split(sep)
      .join('/');
    const other = taken.get(name);
    if (other !== undefined)
      throw new GatewayError('BAD_REQUEST', {
        message: `${other} and ${path} are both imported as ${name}: keep one of them.`,
      });
    taken.set(name, path);
    names.set(path, name);
  }
  return names;
}

function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? sep);
  while (!paths.every((path) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep)))
    folder = dirname(folder);
  return folder;
}
