import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ContractLimits } from '../config/build.ts';
import { GatewayError } from '../errors.ts';
import { resolveContract } from '../ingest/grpc/contract.ts';
import { missingText, type ProtoFiles, parseProtoFiles, readProtoFiles } from '../ingest/grpc/proto-files.ts';
import type { LayoutPlan } from './layout.ts';

/**
 * A .proto and everything it imports, each file under the path it is imported by: the roots of several include folders become one.
 * @param includeDirs absolute paths of folders that imports are looked for in
 * @throws GatewayError BAD_REQUEST that names file, line and remedy when an import is missing that a method needs
 */
export async function planProto(
  contract: string,
  includeDirs: readonly string[],
  limits: ContractLimits,
): Promise<LayoutPlan> {
  const read = await readProtoFiles([contract], includeDirs, { limits });
  const { methods } = resolveContract(parseProtoFiles(read), read.missing);
  const [missing] = read.missing;
  if (missing && methods.some(({ reason }) => reason !== undefined))
    throw new GatewayError('BAD_REQUEST', { message: `${missingText(missing)}.` });
  const names = namesOf(read, includeDirs);
  return { main: names.get(contract) ?? '', files: [...names], isIncluded: names.size > 1, notes: [] };
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
