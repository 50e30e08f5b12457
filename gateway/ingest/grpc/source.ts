import { readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type protobuf from 'protobufjs';
import type { ContractLimits } from '../../config/build.ts';
import { fetchDescriptorSet, type Reflected } from '../../connect/grpc/reflection.ts';
import { GatewayError } from '../../errors.ts';
import { readBounded } from '../../lib/bounded-file.ts';
import { isRecord } from '../../lib/json.ts';
import { isBelow } from '../../lib/paths.ts';
import { ownFolder } from '../own-folder.ts';
import type { Note } from '../wire.ts';
import { readDescriptorSet } from './descriptor-set.ts';
import { type MissingImport, parseProtoFiles, readProtoFiles } from './proto-files.ts';

/** What the handler's `source` says a contract is. */
export type GrpcSource =
  | { kind: 'files'; files: string[]; includeDirs: string[] }
  | { kind: 'reflection'; address: string };

/** Where `source add` puts what reflection answered. */
export const DESCRIPTORS = 'descriptors.binpb';

const SETS = ['.binpb', '.pb', '.protoset', '.desc', '.fds'];

/**
 * Reads `source`: a path or pattern, `{ file, load: { includeDirs } }`, `{ reflection }` or `grpc://host:port`.
 * @throws GatewayError BAD_REQUEST for anything else
 */
export function readSource(source: unknown): GrpcSource {
  if (typeof source === 'string' && /^grpcs?:\/\//.test(source)) return { kind: 'reflection', address: source };
  if (typeof source === 'string') return { kind: 'files', files: [source], includeDirs: [] };
  if (isRecord(source) && typeof source['reflection'] === 'string')
    return { kind: 'reflection', address: source['reflection'] };
  const file = isRecord(source) ? source['file'] : undefined;
  const files = (Array.isArray(file) ? file : [file]).filter((each) => typeof each === 'string');
  if (!isRecord(source) || files.length === 0)
    throw refused('A gRPC contract is a .proto file, a descriptor set or { reflection: host:port }.');
  const dirs = isRecord(source['load']) ? source['load']['includeDirs'] : undefined;
  return { kind: 'files', files, includeDirs: Array.isArray(dirs) ? dirs.map(String) : [] };
}

/** Whether a file is a descriptor set, by its ending. */
export function isDescriptorSet(file: string): boolean {
  return SETS.some((ending) => file.toLowerCase().endsWith(ending));
}

/** A contract whose names are not resolved yet, and what did not come with it. */
export type RawContract = { root: protobuf.Root; missing: MissingImport[]; notes: Note[] };

export type ReadOptions = {
  /** The project folder, which paths are from. */
  baseDir: string;
  /** Name of the source: its folder may hold what reflection answered. */
  name: string;
  /** Metadata for reflection. */
  metadata: ReadonlyMap<string, string>;
  limits: ContractLimits;
};

/**
 * Reads the contract into one root whose names are not resolved yet.
 * @throws GatewayError BAD_REQUEST that says what is wrong, SOURCE_UNAVAILABLE or UPSTREAM_… when reflection fails
 */
export async function readRoot(source: GrpcSource, options: ReadOptions): Promise<RawContract> {
  const { baseDir, name, metadata, limits } = options;
  if (source.kind === 'reflection') {
    // What was fetched before is the contract: a build needs no network.
    const kept = await readSet(join(baseDir, 'sources', name, DESCRIPTORS), options);
    if (kept) return { ...readDescriptorSet(kept), notes: [] };
    const fetched = await fetchDescriptorSet({ source: name, address: source.address, metadata });
    return { ...readDescriptorSet(fetched.bytes), notes: undescribedNotes(fetched) };
  }
  const files = await expand(baseDir, source.files, limits.maxFiles);
  const sets = files.filter(isDescriptorSet);
  if (sets.length === 0) {
    const includeDirs = source.includeDirs.map((dir) => resolve(baseDir, dir));
    const within = await foldersOf(files, includeDirs, options);
    const read = await readProtoFiles(files, includeDirs, { limits, within });
    return { root: parseProtoFiles(read), missing: read.missing, notes: [] };
  }
  const [only, ...others] = files;
  if (only === undefined || others.length > 0) throw refused('A descriptor set stands alone: name one file.');
  const bytes = await readSet(only, options);
  if (!bytes) throw refused(`There is no file ${relative(baseDir, only)}.`);
  return { ...readDescriptorSet(bytes), notes: [] };
}

/** What reflection could not tell, for the report. */
export function undescribedNotes({ undescribed }: Reflected): Note[] {
  return undescribed.map((service) => ({ pointer: service, text: 'is listed by the server but not described' }));
}

/** Where files may lie: in the source's folder, or in the project where the contract stands elsewhere in it. */
async function foldersOf(
  files: readonly string[],
  includeDirs: readonly string[],
  options: ReadOptions,
): Promise<string[]> {
  const own = await Promise.all(files.map((file) => ownFolder(options, file)));
  const elsewhere = files.filter((_file, index) => own[index] === undefined);
  const project = elsewhere.some((file) => isBelow(options.baseDir, file)) ? [options.baseDir] : [];
  const folders = own.filter((folder) => folder !== undefined);
  return [...new Set([...folders, ...elsewhere.map((file) => dirname(file)), ...includeDirs, ...project])];
}

async function readSet(path: string, options: ReadOptions): Promise<Buffer | undefined> {
  const { maxContractBytes } = options.limits;
  await ownFolder(options, path);
  const bytes = await readBounded(path, maxContractBytes).catch(() => undefined);
  if (bytes === undefined || Buffer.isBuffer(bytes)) return bytes;
  throw refused(
    bytes.reason === 'is no file'
      ? `${relative(options.baseDir, path)} is no file.`
      : `The descriptor set is larger than ${maxContractBytes} bytes (build.maxContractBytes).`,
  );
}

/** Absolute paths; `*` stands for anything within a folder, `**` for folders. */
async function expand(baseDir: string, patterns: readonly string[], maxFiles: number): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) {
    const path = resolve(baseDir, pattern);
    if (!path.includes('*')) {
      found.push(path);
      continue;
    }
    const start = path.slice(0, path.slice(0, path.indexOf('*')).lastIndexOf(sep) + 1);
    const matcher = matcherOf(path);
    const entries = await readdir(start, { recursive: true }).catch(() => []);
    const matches = entries.map((entry) => join(start, entry)).filter((entry) => matcher.test(entry));
    if (matches.length === 0) throw refused(`No file is named ${pattern}.`);
    for (const match of matches) found.push(match);
  }
  if (found.length > maxFiles) throw refused(`More than ${maxFiles} files are named (build.maxFiles).`);
  return [...new Set(found)].sort();
}

function matcherOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\*)/).map((part) => {
    if (part === '**/') return '(?:[^/]+/)*';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

function refused(message: string): GatewayError {
  return new GatewayError('BAD_REQUEST', { message });
}
