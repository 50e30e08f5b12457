/**
 * The blobs of a folder, one file each: `blobs/<hash>`. One is deleted only after it was found without use twice, an hour apart
 * (`graceMs`). In between it lies in `unused/`, where readers still find it and from where it is taken back once a revision refers to
 * it: no order in which several processes put, append and collect loses a blob that is needed.
 */
import { constants, copyFile, readdir, readFile, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { hashInTurns } from '../../lib/hash.ts';
import { checkBlob, checkHash, checkLength, isHash, verified } from './blob.ts';
import { copyTemp, ifThere, makeFolder, removeFile, removeTemps, syncFolder, writeTemp } from './durable.ts';

export type FileBlobsOptions = {
  /** Folder of the registry. */
  readonly dir: string;
  /** Folder for files that are being written, on the same file system. */
  readonly temp: string;
  readonly maxBytes: number;
  /** Age at which what is without use is sorted out, and removed, in ms. */
  readonly graceMs: number;
  readonly now: () => number;
};

export type FileBlobs = {
  put(hash: string, bytes: Buffer): Promise<void>;
  /** The content of a file, whose hash is not looked at. */
  putFile(hash: string, file: string): Promise<void>;
  get(hash: string): Promise<Buffer | undefined>;
  /** Into a new file, unread. */
  copy(hash: string, file: string): Promise<boolean>;
  /** Sorts out what is without use and old, and removes what was found so before; also files that a killed writer left. */
  collect(isUsed: (hash: string) => boolean): Promise<void>;
};

export function openFileBlobs({ dir, temp, maxBytes, graceMs, now }: FileBlobsOptions): FileBlobs {
  const folder = join(dir, 'blobs');
  const unused = join(dir, 'unused');

  async function isOld(path: string): Promise<boolean> {
    const { mtimeMs } = (await ifThere(stat(path))) ?? { mtimeMs: Number.POSITIVE_INFINITY };
    return mtimeMs < now() - graceMs;
  }

  /** Counts as written now; says whether it is there. */
  async function touch(path: string): Promise<boolean> {
    const time = new Date(now());
    return (await ifThere(utimes(path, time, time).then(() => true))) ?? false;
  }

  async function isIntact(path: string, hash: string): Promise<boolean> {
    const bytes = await ifThere(readFile(path));
    return bytes !== undefined && (await hashInTurns(bytes)) === hash;
  }

  async function place(hash: string, write: () => Promise<string>): Promise<void> {
    await makeFolder(temp);
    await rename(await write(), join(folder, hash));
    // Never long in both places: what is removed there must not be the one that was just moved from here.
    await removeFile(join(unused, hash));
  }

  /** What the work gives for the file that has the hash; undefined where there is none. */
  async function find<T>(hash: string, work: (path: string) => Promise<T>): Promise<T | undefined> {
    checkHash(hash);
    // Twice the first: it may have moved from the second to there meanwhile.
    for (const where of [folder, unused, folder]) {
      const found = await ifThere(work(join(where, hash)));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    async put(hash, bytes) {
      await checkBlob(hash, bytes, maxBytes);
      await makeFolder(folder);
      // A damaged one is mended. One that is there may be old, but from now on it takes an hour until it goes.
      if (!(await isIntact(join(folder, hash), hash))) await place(hash, () => writeTemp(temp, bytes, now()));
      // Also when it was there: whoever wrote it may have been killed before this.
      await syncFolder(folder);
    },
    async putFile(hash, file) {
      checkHash(hash);
      checkLength((await stat(file)).size, maxBytes);
      await makeFolder(folder);
      await place(hash, () => copyTemp(temp, file, now()));
      await syncFolder(folder);
    },
    async get(hash) {
      const bytes = await find(hash, (path) => readFile(path));
      return bytes && (await verified(hash, bytes, `blobs/${hash}`));
    },
    async copy(hash, file) {
      return (await find(hash, (path) => copyFile(path, file, constants.COPYFILE_EXCL).then(() => true))) ?? false;
    },
    async collect(isUsed) {
      for (const hash of await hashesIn(unused)) {
        const path = join(unused, hash);
        if (isUsed(hash)) await ifThere(rename(path, join(folder, hash)));
        else if (await isOld(path)) await removeFile(path);
      }
      for (const hash of await hashesIn(folder)) {
        const path = join(folder, hash);
        if (isUsed(hash) || !(await isOld(path))) continue;
        await makeFolder(unused);
        if (await touch(path)) await ifThere(rename(path, join(unused, hash)));
      }
      await removeTemps(temp, now() - graceMs);
    },
  };
}

async function hashesIn(folder: string): Promise<string[]> {
  return ((await ifThere(readdir(folder))) ?? []).filter(isHash);
}
