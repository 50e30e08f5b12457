import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { damaged, GRACE_MS } from './blob.ts';
import { onDisk } from './durable.ts';
import { openFileBlobs } from './file-blobs.ts';
import { openFileRevisions } from './file-revisions.ts';
import { createFileUses } from './file-uses.ts';
import type { RegistryStore, Revision } from './store.ts';
import { createWatchers } from './watchers.ts';

export type FileStoreOptions = {
  /** Folder of the registry; made with the first change. */
  readonly dir: string;
  /** Time between two looks for changes of other processes, in ms; most are heard of before. */
  readonly pollMs: number;
  /** Revisions that are kept. */
  readonly keepRevisions: number;
  /** Most bytes of one blob. */
  readonly maxBlobBytes: number;
  /** Blobs are collected with every so many revisions and after so many blobs (default 20). */
  readonly collectEvery?: number;
  /** How long a blob that no revision refers to is kept, twice, in ms (default an hour). */
  readonly graceMs?: number;
  readonly now: () => number;
  /** Told of what fails beside the calls: watching, removing what is not kept. */
  readonly onFault: (error: unknown) => void;
};

/** A head that goes while it is read was overtaken by a whole history; more often than this it is not. */
const HEAD_ATTEMPTS = 5;

/**
 * Keeps the registry in a folder, for several processes of one machine. Survives the end of each of them at any moment: files are
 * written beside and synced before they get their name, and the name of a revision can be given once only.
 */
export function openFileStore(options: FileStoreOptions): RegistryStore {
  const { dir, pollMs, keepRevisions, maxBlobBytes, collectEvery = 20, graceMs = GRACE_MS, now, onFault } = options;
  const temp = join(dir, 'temp');
  const revisions = openFileRevisions({ dir, temp, keep: keepRevisions, now });
  const blobs = openFileBlobs({ dir, temp, maxBytes: maxBlobBytes, graceMs, now });
  const usedBlobs = createFileUses(revisions);
  let putSince = 0;
  let isUntidy = false;
  let hasManyNew = false;
  let tidying: Promise<void> | undefined;

  async function readHead(): Promise<Revision | undefined> {
    for (let attempt = 0; attempt < HEAD_ATTEMPTS; attempt += 1) {
      const number = (await revisions.numbers()).at(-1);
      if (number === undefined) return undefined;
      const revision = await revisions.read(number);
      if (revision) return revision;
    }
    throw damaged('The newest file in revisions/');
  }

  async function readHistory({ source, before, limit }: HistoryOptions): Promise<Revision[]> {
    const found: Revision[] = [];
    for (const number of (await revisions.numbers()).toReversed()) {
      if (found.length >= limit) break;
      if (before !== undefined && number >= before) continue;
      const revision = await revisions.read(number);
      if (revision && (source === undefined || revision.source === source)) found.push(revision);
    }
    return found;
  }

  /** Beside the calls: a change is made when its revision stands, whatever becomes of the old ones. */
  async function tidy(): Promise<void> {
    while (isUntidy) {
      isUntidy = false;
      try {
        await revisions.trim();
        if (hasManyNew) {
          hasManyNew = false;
          putSince = 0;
          await blobs.collect(await usedBlobs());
        }
      } catch (error) {
        onFault(error);
      }
    }
    tidying = undefined;
  }

  function startTidying(withBlobs: boolean): void {
    isUntidy = true;
    hasManyNew ||= withBlobs;
    tidying ??= tidy();
  }

  let watcher: FSWatcher | undefined;
  let ringNow: (() => void) | undefined;

  /** Looks at the folder itself as soon as there is one. */
  function attach(): void {
    if (watcher || !ringNow) return;
    try {
      watcher = watch(revisions.folder, { persistent: false }, ringNow);
      watcher.on('error', detach);
    } catch {
      // Not there yet, or more watchers than the system gives: then the looks every now and then have to do.
    }
  }

  function detach(): void {
    watcher?.close();
    watcher = undefined;
  }

  const watchers = createWatchers({
    pollMs,
    onFault,
    position: () =>
      onDisk(async () => {
        attach();
        const number = (await revisions.numbers()).at(-1);
        return number === undefined ? '' : `${number}:${await revisions.writtenAt(number)}`;
      }),
    listen(ring) {
      ringNow = ring;
      attach();
      return () => {
        ringNow = undefined;
        detach();
      };
    },
  });

  async function put(work: () => Promise<void>): Promise<void> {
    await onDisk(work);
    putSince += 1;
    if (putSince >= collectEvery) startTidying(true);
  }

  return {
    head: () => onDisk(readHead),
    putBlob: (hash, bytes) => put(() => blobs.put(hash, bytes)),
    putBlobFile: (hash, file) => put(() => blobs.putFile(hash, file)),
    copyBlob: (hash, file) => onDisk(() => blobs.copy(hash, file)),
    getBlob: (hash) => onDisk(() => blobs.get(hash)),
    async append(revision) {
      const isDone = await onDisk(() => revisions.append(revision));
      if (isDone) startTidying(revision.number % collectEvery === 0);
      return isDone;
    },
    history: (wanted) => onDisk(() => readHistory(wanted)),
    watch: watchers.watch,
    async [Symbol.asyncDispose]() {
      watchers.close();
      await tidying;
    },
  };
}

type HistoryOptions = Parameters<RegistryStore['history']>[0];
