import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type protobuf from 'protobufjs';
import { fetchDescriptorSet, type Reflected } from '../../connect/grpc/reflection.ts';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
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
const MAX_SET_BYTES = 64 * 1024 * 1024;
const MAX_MATCHES = 2000;

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
};

/**
 * Reads the contract into one root whose names are not resolved yet.
 * @throws GatewayError BAD_REQUEST that says what is wrong, SOURCE_UNAVAILABLE or UPSTREAM_… when reflection fails
 */
export async function readRoot(source: GrpcSource, options: ReadOptions): Promise<RawContract> {
  const { baseDir, name, metadata } = options;
  if (source.kind === 'reflection') {
    // What was fetched before is the contract: a build needs no network.
    const kept = await readSet(join(baseDir, 'sources', name, DESCRIPTORS));
    if (kept) return { ...readDescriptorSet(kept), notes: [] };
    const fetched = await fetchDescriptorSet({ source: name, address: source.address, metadata });
    return { ...readDescriptorSet(fetched.bytes), notes: undescribedNotes(fetched) };
  }
  const files = await expand(baseDir, source.files);
  const sets = files.filter(isDescriptorSet);
  if (sets.length === 0) {
    const includeDirs = source.includeDirs.map((dir) => resolve(baseDir, dir));
    const read = await readProtoFiles(files, includeDirs);
    return { root: parseProtoFiles(read), missing: read.missing, notes: [] };
  }
  const [only, ...others] = files;
  if (only === undefined || others.length > 0) throw refused('A descriptor set stands alone: name one file.');
  const bytes = await readSet(only);
  if (!bytes) throw refused(`There is no file ${relative(baseDir, only)}.`);
  return { ...readDescriptorSet(bytes), notes: [] };
}

/** What reflection could not tell, for the report. */
export function undescribedNotes({ undescribed }: Reflected): Note[] {
  return undescribed.map((service) => ({ pointer: service, text: 'is listed by the server but not described' }));
}

async function readSet(path: string): Promise<Buffer | undefined> {
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) return undefined;
  if (size > MAX_SET_BYTES) throw refused('The descriptor set is larger than 64 MiB.');
  return readFile(path);
}

/** Absolute paths; `*` stands for anything within a folder, `**` for folders. */
async function expand(baseDir: string, patterns: readonly string[]): Promise<string[]> {
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
    found.push(...matches);
  }
  if (found.length > MAX_MATCHES) throw refused(`More than ${MAX_MATCHES} files are named.`);
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
