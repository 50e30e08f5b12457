import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, posix, relative, sep } from 'node:path';
import protobuf from 'protobufjs';
import { buildDefaults, type ContractLimits } from '../../config/build.ts';
import { GatewayError } from '../../errors.ts';
import { readBounded } from '../../lib/bounded-file.ts';
import { isBelow, realPathBelow } from '../../lib/paths.ts';
import { bundled, wellKnownPath } from './bundled.ts';
import { joinOneofs } from './oneof-groups.ts';
import { HYPHEN, type ProtoImport, prepareProto } from './proto-text.ts';

/** An import that leads nowhere. */
export type MissingImport = { path: string; file: string; line: number };

/** A .proto with everything it imports, read but not parsed. */
export type ProtoFiles = {
  /** In the order they were reached; `name` is the path below the include folder, for people and for a copy of the tree. */
  files: { path: string; name: string; text: string }[];
  /** Folders that imports were found from. */
  roots: Set<string>;
  /** Files of Google's that are used although the contract does not bring them. */
  bundled: Set<string>;
  missing: MissingImport[];
};

export type ProtoOptions = {
  limits?: ContractLimits;
  /** Absolute paths of folders: what lies below none of them is not there. Without, imports may lead anywhere. */
  within?: readonly string[] | undefined;
};

/** How many folders above a file are tried for what it imports. */
const MAX_LEVELS = 16;

/**
 * Reads .proto files and what they import. An import is looked for in the include folders, in order, then in the folder of the file
 * that imports it and in those above; `google/protobuf/…`, `google/rpc/…` and the HTTP annotations are at hand where none has them.
 *
 * @param entries absolute paths
 * @param includeDirs absolute paths
 * @throws GatewayError BAD_REQUEST when an entry is not there or there is too much
 */
export async function readProtoFiles(
  entries: readonly string[],
  includeDirs: readonly string[],
  { limits = buildDefaults, within }: ProtoOptions = {},
): Promise<ProtoFiles> {
  const { maxFiles, maxContractBytes, maxDepth } = limits;
  const found: ProtoFiles = { files: [], roots: new Set(), bundled: new Set(), missing: [] };
  const seen = new Set<string>();
  const queue: string[] = [];
  let left = maxContractBytes;
  const enqueue = async (path: string): Promise<void> => {
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    queue.push(path);
  };
  for (const entry of [...entries].sort()) {
    if (!(await isProto(entry, within)))
      throw refused(`There is no file ${nameOf(entry, includeDirs)} that is a .proto.`);
    await enqueue(entry);
  }
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const name = nameOf(path, includeDirs);
    const bytes = await readBounded(path, left);
    if (!Buffer.isBuffer(bytes) || seen.size > maxFiles) {
      const most = `at most ${maxFiles} files and ${maxContractBytes} bytes in all (build.maxFiles, build.maxContractBytes)`;
      throw refused(`The contract is too large at ${name}: ${most}.`);
    }
    left -= bytes.length;
    const { text, imports, fault } = prepareProto(bytes.toString('utf8'), maxDepth);
    if (fault) throw refused(`${name}:${fault.line} ${fault.reason}.`);
    found.files.push({ path, name, text });
    for (const each of imports) {
      const known = wellKnownPath(each.path);
      const target = known === undefined ? await findImport(each.path, path, includeDirs, within) : undefined;
      if (target) {
        found.roots.add(target.root);
        await enqueue(target.path);
      } else if (bundled(known ?? each.path)) addBundled(known ?? each.path, found.bundled);
      else if (!each.weak) found.missing.push({ path: each.path, file: name, line: each.line });
    }
  }
  return found;
}

/**
 * Parses all files into one root; names are not resolved yet.
 * @throws GatewayError BAD_REQUEST that names file and line
 */
export function parseProtoFiles({ files, bundled: names }: ProtoFiles): protobuf.Root {
  let root = new protobuf.Root();
  for (const name of names) root.addJSON(bundled(name)?.json.nested ?? {});
  let hyphens = false;
  for (const { name, text } of files) {
    try {
      protobuf.parse(text, root, { keepCase: true, alternateCommentMode: true });
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw refused(`${name} cannot be read as a .proto: ${said.replaceAll(HYPHEN, '-').slice(0, 200)}.`, cause);
    }
    hyphens ||= text.includes(HYPHEN);
  }
  joinOneofs(root);
  if (hyphens) {
    const json = JSON.stringify(root.toJSON({ keepComments: true })).replaceAll(HYPHEN, '-');
    root = new protobuf.Root().addJSON((JSON.parse(json) as protobuf.INamespace).nested ?? {}) as protobuf.Root;
  }
  return root;
}

/** What to do about an import that leads nowhere. */
export const IMPORT_REMEDY = 'name the folder that holds it (--include-dir, or load.includeDirs in .meshrc.yaml)';

/** A sentence part for people: where the import stands and what to do. */
export function missingText(missing: MissingImport | (ProtoImport & { file: string })): string {
  return `${placeOf(missing)}, which is not there: ${IMPORT_REMEDY}`;
}

/** Where the import stands: `a.proto:3 imports b.proto`. */
export function placeOf({ path, file, line }: MissingImport | (ProtoImport & { file: string })): string {
  return `${file}:${line} imports ${path}`;
}

/** Marks a bundled file and what it imports itself. */
export function addBundled(path: string, into: Set<string>): void {
  if (into.has(path)) return;
  into.add(path);
  for (const each of bundled(path)?.imports ?? []) addBundled(each, into);
}

/** Where an import leads, and from which folder. */
async function findImport(
  path: string,
  from: string,
  includeDirs: readonly string[],
  within: ProtoOptions['within'],
): Promise<{ path: string; root: string } | undefined> {
  const clean = posix.normalize(path);
  if (isAbsolute(path) || path.includes('\\') || !path.endsWith('.proto')) return undefined;
  const climbs = clean.startsWith('../');
  const folders = climbs ? [dirname(from)] : [...includeDirs, ...foldersAbove(from)];
  for (const root of folders) {
    const candidate = join(root, clean);
    if (await isProto(candidate, within)) return { path: candidate, root };
  }
  return undefined;
}

function foldersAbove(file: string): string[] {
  const folders = [dirname(file)];
  while (folders.length < MAX_LEVELS && dirname(folders.at(-1) as string) !== folders.at(-1))
    folders.push(dirname(folders.at(-1) as string));
  return folders;
}

/** A file that is what its name says and where it may be, behind links too. */
async function isProto(path: string, within: ProtoOptions['within']): Promise<boolean> {
  try {
    // Looked at before it is touched: whether something lies outside is nobody's business.
    const folder = within?.find((each) => isBelow(each, path));
    if (within && (folder === undefined || (await realPathBelow(folder, path)) === undefined)) return false;
    return (await stat(path)).isFile() && (await realpath(path)).endsWith('.proto');
  } catch {
    return false;
  }
}

/** The path below the nearest include folder that holds the file; without one its last part. */
function nameOf(path: string, includeDirs: readonly string[]): string {
  const dirs = includeDirs.map((dir) => (dir.endsWith(sep) ? dir : dir + sep)).filter((dir) => path.startsWith(dir));
  const [nearest] = dirs.sort((a, b) => b.length - a.length);
  return nearest === undefined ? basename(path) : relative(nearest, path);
}

function refused(message: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { message, cause });
}
