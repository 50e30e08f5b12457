/** An upload → files below a folder of its own, checked, and how they become a source. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, extname, join, posix, relative, sep } from 'node:path';
import type { Environment } from '../../config/env.ts';
import { createGuard } from '../../connect/guard.ts';
import { fetchDocument } from '../../connect/rest/fetch-document.ts';
import type { Arrangement } from '../arrange.ts';
import type { Builder } from '../builder.ts';
import { OUR_FILES } from '../contract-files.ts';
import { Refusal } from '../refusal.ts';
import type { SourceKind } from '../source-kinds.ts';
import type { ContractUpload, Upload } from './types.ts';

export type UploadOptions = {
  env: Environment;
  maxBytes: number;
  timeoutMs: number;
  /** Whether addresses inside the network are refused, but for those in `allowInternal`. */
  refuseInternal: boolean;
  allowInternal: readonly string[];
  now: () => number;
  builder: Builder;
};

const MAX_FILES = 2000;
const MAX_PATH = 500;

/**
 * Lays the contract of an upload out. `folder` is empty and stays the caller's to remove.
 * @throws Refusal or GatewayError BAD_REQUEST that says what to change
 */
export async function arrangeUpload(
  name: string,
  upload: Upload & { contract: ContractUpload },
  folder: string,
  options: UploadOptions,
): Promise<Arrangement> {
  // What reads contracts is loaded when there is one to read.
  const { arrange } = await import('../arrange.ts');
  const { contract, kind, endpoint, metadata } = upload;
  const common = {
    env: options.env,
    builder: options.builder,
    name,
    kind,
    endpoint,
    ...(metadata ? { metadata } : {}),
  };
  if ('reflection' in contract) {
    const { refuseInternal, allowInternal, now } = options;
    const guarded = { source: name, endpoint: contract.reflection, isGrpc: true, onlyContract: refuseInternal };
    await createGuard({ ...guarded, allowInternal, what: 'address for reflection', now })?.check();
  }
  if ('reflection' in contract) return arrange({ ...common, contract: '', reflection: contract.reflection });
  const { files, main } = 'url' in contract ? await fetched(name, contract.url, kind, options) : contract;
  await writeFiles(folder, files, options.maxBytes);
  if (!files.has(main)) throw new Refusal('invalid', `The upload has no file ${main.slice(0, MAX_PATH)}.`);
  return arrange({ ...common, contract: join(folder, main), includeDirs: [folder] });
}

/**
 * Writes files below a folder.
 * @throws Refusal when a path leads out of it or there is too much
 */
export async function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>, maxBytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (files.size > MAX_FILES) throw new Refusal('too-large', `An upload has ${MAX_FILES} files at most.`);
  let bytes = 0;
  for (const [path, content] of files) {
    bytes += content.length;
    if (bytes > maxBytes) throw new Refusal('too-large', `An upload has ${maxBytes} bytes at most.`);
    const file = join(folder, checkPath(path));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** A relative path with forward slashes that stays below where it begins; hidden files are none of a contract's. */
export function checkPath(path: string): string {
  const isPlain = /^[\w@+ ().-]+(\/[\w@+ ().-]+)*$/.test(path) && path.length <= MAX_PATH;
  const isBelow = posix.normalize(path) === path && !path.split('/').some((part) => part.startsWith('.'));
  if (isPlain && isBelow) return path;
  throw new Refusal('invalid', `${JSON.stringify(path.slice(0, 100))} is no path of a file below the source’s folder.`);
}

/** All files below a folder, by relative path with forward slashes. Links are not followed. */
export async function readFiles(folder: string, maxBytes: number): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const content = await readFile(file);
    bytes += content.length;
    if (bytes > maxBytes || files.size >= MAX_FILES)
      throw new Refusal('too-large', `A source has ${MAX_FILES} files and ${maxBytes} bytes at most.`);
    files.set(relative(folder, file).split(sep).join('/'), content);
  }
  return files;
}

/** What stays in a source's folder when it gets another contract: what its team wrote, and certificates. */
export function isOurs(path: string): boolean {
  return OUR_FILES.has(path) || /\.(pem|crt|cer|key)$/i.test(path);
}

async function fetched(
  source: string,
  url: string,
  kind: SourceKind | undefined,
  { maxBytes, timeoutMs, refuseInternal, allowInternal, now }: UploadOptions,
): Promise<{ files: Map<string, Buffer>; main: string }> {
  const document = await fetchDocument({ source, url, refuseInternal, allowInternal, maxBytes, timeoutMs, now });
  if (!document.changed) throw new Refusal('invalid', 'The contract’s URL answered without a document.');
  const main = mainOf(document.url, document.type, kind);
  return { files: new Map([[main, document.bytes]]), main };
}

/** A file name that tells what the document is. */
export function mainOf(url: string, type: string, kind: SourceKind | undefined): string {
  const ending = extname(new URL(url).pathname).toLowerCase();
  if (kind === 'graphql' || ['.graphql', '.gql', '.graphqls'].includes(ending)) return 'schema.graphql';
  if (kind === 'grpc' || ending === '.proto')
    return ['.binpb', '.pb', '.desc', '.protoset', '.fds'].includes(ending) ? 'descriptors.binpb' : 'service.proto';
  if (ending === '.json' || /json/i.test(type)) return 'openapi.json';
  return 'openapi.yaml';
}
