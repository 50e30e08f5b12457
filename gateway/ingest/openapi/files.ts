import { posix, resolve } from 'node:path';
import type { ContractLimits } from '../../config/build.ts';
import { readBounded } from '../../lib/bounded-file.ts';
import { isBelow, realPathBelow } from '../../lib/paths.ts';
import { type Parsed, parseContract } from './parse.ts';

/** The files of a contract by their path from the folder of the main document, with `/` between names. */
export type ContractFiles = ReadonlyMap<string, Parsed>;

export type FileOptions = {
  /** Folder of the main document; names are relative to it. */
  folder: string;
  /** Folder that no file may lie outside of, symbolic links followed. */
  root: string;
  /** Names of the files that a value refers to. */
  refersTo: (value: unknown, name: string) => Iterable<string>;
  limits: ContractLimits;
};

/** References from the main document to a file, from there to the next, and so on. */
const MAX_HOPS = 64;

/**
 * Reads a main document and, level by level, every file that is referred to. A file that cannot be read is told as such and
 * keeps nothing else from being read.
 */
export async function readFiles(main: string, options: FileOptions): Promise<ContractFiles> {
  const { folder, root, limits } = options;
  const { maxFiles, maxContractBytes } = limits;
  const files = new Map<string, Parsed>();
  let left = maxContractBytes;

  async function read(name: string): Promise<Parsed> {
    if (files.size >= maxFiles) return { ok: false, reason: `is one file too many: at most ${maxFiles} are read` };
    // Who runs the gateway named the main document, the contract named the others.
    const path = name === main ? resolve(folder, name) : await pathInside(root, folder, name);
    if (path === undefined) return { ok: false, reason: 'lies outside of the folder of the contract' };
    try {
      const bytes = await readBounded(path, left);
      if (Buffer.isBuffer(bytes)) {
        left -= bytes.length;
        return parseContract(bytes, name, limits);
      }
      if (bytes.reason === 'is no file') return { ok: false, reason: bytes.reason };
      return {
        ok: false,
        reason: `is too large: a contract may have ${maxContractBytes} bytes (build.maxContractBytes)`,
      };
    } catch (cause) {
      const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
      return { ok: false, reason: isMissing ? 'is not there' : 'cannot be opened', cause };
    }
  }

  let level = [main];
  for (let hops = 0; level.length > 0 && hops <= MAX_HOPS; hops += 1) {
    const next = new Set<string>();
    for (const name of level) {
      const parsed = await read(name);
      files.set(name, parsed);
      for (const other of parsed.ok ? options.refersTo(parsed.value, name) : []) next.add(other);
    }
    level = [...next].filter((name) => !files.has(name));
  }
  return files;
}

/** The name of a file that another one refers to; a path from the top begins in the folder of the main document. */
export function nameFrom(from: string, path: string): string {
  const steps = path.replaceAll('\\', '/');
  return steps.startsWith('/') ? posix.normalize(`.${steps}`) : posix.join(posix.dirname(from), steps);
}

/** Where a file really lies, symbolic links followed; undefined when that is outside of `root`. */
async function pathInside(root: string, folder: string, name: string): Promise<string | undefined> {
  if (name.includes('\0')) return undefined;
  const path = resolve(folder, name);
  // Looked at before it is touched: whether something lies outside is nobody's business.
  return isBelow(root, path) ? await realPathBelow(root, path) : undefined;
}
