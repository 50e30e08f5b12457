/**
 * The blobs of a folder, one file each: `blobs/<hash>`. One is deleted only after it was found without use twice, an hour apart
 * (`graceMs`). In between it lies in `unused/`, where readers still find it and from where it is taken back once a revision refers to
 * it: no order in which several processes put, append and collect loses a blob that is needed.
 */
import { readdir, readFile, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { hashInTurns } from '../../lib/hash.ts';
import { checkBlob, checkHash, isHash, verified } from './blob.ts';
import { ifThere, makeFolder, removeFile, removeTemps, syncFolder, writeTemp } from './durable.ts';

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
  get(hash: string): Promise<Buffer | undefined>;
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

  return {
    async put(hash, bytes) {
      await checkBlob(hash, bytes, maxBytes);
      await makeFolder(folder);
      const path = join(folder, hash);
      // A damaged one is mended. One that is there may be old, but from now on it takes an hour until it goes.
      if (!(await isIntact(path, hash))) {
        await makeFolder(temp);
        await rename(await writeTemp(temp, bytes, now()), path);
        // Never long in both places: what is removed there must not be the one that was just moved from here.
        await removeFile(join(unused, hash));
      }
      // Also when it was there: whoever wrote it may have been killed before this.
      await syncFolder(folder);
    },
    async get(hash) {
      checkHash(hash);
      // Twice the first: it may have moved from the second to there meanwhile.
      for (const place of [folder, unused, folder]) {
        const bytes = await ifThere(readFile(join(place, hash)));
        if (bytes !== undefined) return await verified(hash, bytes, `blobs/${hash}`);
      }
      return undefined;
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
