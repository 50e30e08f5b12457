/** Files that are there whole or not at all, whatever ends the process or the machine. */
import { randomUUID } from 'node:crypto';
import { constants, copyFile, type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GatewayError } from '../../errors.ts';

/** Makes the folder and those above it, durably. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

/**
 * Writes a new file into the folder, down to the disk. Its name says when, so that what a killed writer left can be told from what
 * another is about to write.
 * @param at its time, in ms: that of the clock which later says how old it is
 */
export async function writeTemp(folder: string, bytes: string | Buffer, at: number): Promise<string> {
  return await makeTemp(folder, at, async (path) => {
    const file = await open(path, 'wx');
    await file.writeFile(bytes);
    return file;
  });
}

/** The same with the content of a file, which the system copies: none of it comes into this process. */
export async function copyTemp(folder: string, from: string, at: number): Promise<string> {
  return await makeTemp(folder, at, async (path) => {
    await copyFile(from, path, constants.COPYFILE_EXCL);
    return await open(path, 'r+');
  });
}

async function makeTemp(folder: string, at: number, make: (path: string) => Promise<FileHandle>): Promise<string> {
  const path = join(folder, `${at}-${randomUUID()}`);
  let file: FileHandle | undefined;
  try {
    file = await make(path);
    await file.utimes(new Date(at), new Date(at));
    await file.sync();
  } catch (error) {
    await removeFile(path);
    throw error;
  } finally {
    await file?.close();
  }
  return path;
}

/** Removes what was to be written before that time, in ms, and never got its place. */
export async function removeTemps(folder: string, before: number): Promise<void> {
  for (const name of (await ifThere(readdir(folder))) ?? [])
    if (Number.parseInt(name, 10) < before) await removeFile(join(folder, name));
}

/** Brings the names in a folder to the disk: a file that was synced may otherwise be there without a name. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Says whether there was one. */
export async function removeFile(path: string): Promise<boolean> {
  return (await ifThere(unlink(path).then(() => true))) ?? false;
}

/** The value, or undefined where there is no such file or folder. */
export async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * What the file system refuses, as an error of ours.
 * @throws GatewayError REGISTRY_UNAVAILABLE; an error that has a code already stays what it is
 */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError('REGISTRY_UNAVAILABLE', { message: sentenceOf(error), cause: error });
  }
}

function sentenceOf(error: unknown): string {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return 'The disk of the registry is full: free space and try again.';
  if (hasCode(error, 'EACCES', 'EROFS'))
    return 'The gateway may not use the registry’s folder: change its permissions.';
  if (hasCode(error, ...NO_LINKS) && (error as { syscall?: string }).syscall === 'link')
    return 'The registry’s folder is on a file system without hard links: move it (registry.dir), or use registry.kind redis.';
  return 'The registry’s folder cannot be used at the moment: try again later.';
}
