/** Files of an upload below a folder of its own, checked. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, extname, join, posix, relative, sep } from 'node:path';
import { OUR_FILES } from '../contract-files.ts';
import { Refusal } from '../refusal.ts';
import type { SourceKind } from '../source-kinds.ts';

const MAX_FILES = 2000;
export const MAX_PATH = 500;

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

/** Whether it is a relative path with forward slashes that stays below where it begins, none of its parts hidden. */
export function isPath(path: string): boolean {
  const isPlain = /^[\w@+ ().-]+(\/[\w@+ ().-]+)*$/.test(path) && path.length <= MAX_PATH;
  return isPlain && posix.normalize(path) === path && !path.split('/').some((part) => part.startsWith('.'));
}

/** A relative path with forward slashes that stays below where it begins; hidden files are none of a contract's. */
export function checkPath(path: string): string {
  if (isPath(path)) return path;
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

/** A file name that tells what the document is. */
export function mainOf(url: string, type: string, kind: SourceKind | undefined): string {
  const ending = extname(new URL(url).pathname).toLowerCase();
  if (kind === 'graphql' || ['.graphql', '.gql', '.graphqls'].includes(ending)) return 'schema.graphql';
  if (kind === 'grpc' || ending === '.proto')
    return ['.binpb', '.pb', '.desc', '.protoset', '.fds'].includes(ending) ? 'descriptors.binpb' : 'service.proto';
  if (ending === '.json' || /json/i.test(type)) return 'openapi.json';
  return 'openapi.yaml';
}
