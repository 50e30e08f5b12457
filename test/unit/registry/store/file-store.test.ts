/** What only the store in a folder has to stand: other processes, writers that were killed or held up, what people do to files. */
import { cp, mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openFileStore } from '../../../../gateway/registry/store/file-store.ts';
import { createFileUses } from '../../../../gateway/registry/store/file-uses.ts';
import type { RegistryStore } from '../../../../gateway/registry/store/store.ts';
import { createFakeClock, type FakeClock } from '../../../kit/clock.ts';
import { until } from '../../../kit/until.ts';
import { makeBlob, makeEntry, makeRevision } from './places.ts';

const HOUR_MS = 3_600_000;

/** Happens between the moment a writer has looked whether it is its turn and the moment its revision gets its name. */
let beforeLink: () => Promise<void> = async () => undefined;

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    link: async (from: string, to: string) => {
      const happens = beforeLink;
      beforeLink = async () => undefined;
      await happens();
      await real.link(from, to);
    },
  };
});

let clock: FakeClock;
let root: string;
let dir: string;
let faults: unknown[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tributary-store-'));
  dir = join(root, 'registry');
  faults = [];
  clock = createFakeClock(Date.now());
});
afterEach(() => rm(root, { recursive: true, force: true }));

function open(keepRevisions = 10): RegistryStore {
  const onFault = (fault: unknown): void => void faults.push(fault);
  return openFileStore({
    dir,
    pollMs: 20,
    keepRevisions,
    maxBlobBytes: 1000,
    collectEvery: 1,
    now: clock.now,
    onFault,
  });
}

/** Does the work in a store of its own, and waits until it has tidied up. */
async function once(work: (store: RegistryStore) => Promise<unknown>, keepRevisions?: number): Promise<void> {
  const store = open(keepRevisions);
  await work(store);
  await store[Symbol.asyncDispose]();
}

async function fill(from: number, to: number): Promise<void> {
  await once(async (store) => {
    for (let number = from; number <= to; number += 1) expect(await store.append(makeRevision(number))).toBe(true);
  });
}

it('makes nothing before the first change, and leaves nothing half made behind it', async () => {
  const { hash, bytes } = makeBlob('a');
  await once(async (store) => {
    store.watch(() => undefined);
    await store.head();
    await store.getBlob(hash);
  });
  expect(await readdir(root)).toEqual([]);
  await once(async (store) => {
    await store.putBlob(hash, bytes);
    await store.append(makeRevision(1));
    await store.append(makeRevision(1));
  });
  expect((await readdir(dir, { recursive: true })).sort()).toEqual([
    'blobs',
    `blobs/${hash}`,
    'revisions',
    'revisions/000000000001.json',
    'temp',
  ]);
});

it('does not see what a killed writer left, and removes it once it is old', async () => {
  await fill(1, 1);
  const fresh = `${clock.now() - 1000}-fresh`;
  for (const name of [`${clock.now() - HOUR_MS - 1000}-torn`, fresh])
    await writeFile(join(dir, 'temp', name), '{"sha256":"');
  // Files of people and programs are none of ours.
  for (const name of ['000000000002.json~', '2.json', '.000000000003.json.swp'])
    await writeFile(join(dir, 'revisions', name), 'x');
  await once(async (store) => {
    expect((await store.head())?.number).toBe(1);
    expect(await store.append(makeRevision(2))).toBe(true);
  });
  expect(await readdir(join(dir, 'temp'))).toEqual([fresh]);
});

it('refuses a writer that was held up while its number was given, even when that revision is gone again', async () => {
  await fill(1, 3);
  beforeLink = () => fill(4, 4);
  await once(async (store) => expect(await store.append(makeRevision(4, { by: 'late' }))).toBe(false));
  beforeLink = () => fill(5, 30);
  await once(async (store) => {
    expect(await store.append(makeRevision(5, { by: 'very late' }))).toBe(false);
    expect((await store.history({ limit: 100 })).map(({ number }) => number)).toEqual([
      30, 29, 28, 27, 26, 25, 24, 23, 22, 21,
    ]);
  });
  expect(await readdir(join(dir, 'revisions'))).toHaveLength(10);
});

it('finds a blob that was taken for unused while its revision was on its way', async () => {
  const { hash, bytes } = makeBlob('a');
  await once((store) => store.putBlob(hash, bytes));
  clock.advance(HOUR_MS + 1000);
  beforeLink = () => fill(1, 2);
  await once(async (store) => {
    expect(await store.append(makeRevision(1, { bundle: hash }))).toBe(false);
    expect(await readdir(join(dir, 'unused'))).toEqual([hash]);
    expect(await store.getBlob(hash)).toEqual(bytes);
    expect(await store.append(makeRevision(3, { sources: { orders: makeEntry(hash) } }))).toBe(true);
  });
  expect(await readdir(join(dir, 'blobs'))).toEqual([hash]);
  expect(await readdir(join(dir, 'unused'))).toEqual([]);
});

it('deletes no blob while it cannot read what refers to it', async () => {
  const { hash, bytes } = makeBlob('a');
  await once(async (store) => {
    await store.putBlob(hash, bytes);
    await store.append(makeRevision(1, { bundle: hash }));
  });
  const path = join(dir, 'revisions', '000000000001.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.slice(1));
  for (let number = 2; number <= 5; number += 1) {
    clock.advance(HOUR_MS + 1000);
    await once((store) => store.append(makeRevision(number)));
  }
  expect(await readdir(join(dir, 'blobs'))).toEqual([hash]);
  expect(faults).toHaveLength(4);
  expect(faults[0]).toMatchObject({ message: expect.stringContaining('revisions/000000000001.json') });
  // Once it is out of the history it says nothing any more.
  await fill(6, 11);
  clock.advance(HOUR_MS + 1000);
  await fill(12, 12);
  expect(await readdir(join(dir, 'blobs'))).toEqual([]);
});

it('goes by what is there when the folder was put back from a copy', async () => {
  const pathOf = (number: number): string => join(dir, 'revisions', `00000000000${number}.json`);
  await fill(1, 1);
  await cp(dir, join(root, 'copy'), { recursive: true });
  await fill(2, 2);
  const store = open();
  let told = 0;
  store.watch(() => (told += 1));
  await until(() => told === 1);
  await unlink(pathOf(2));
  await until(() => told === 2);
  expect((await store.head())?.number).toBe(1);
  // The same number, and another change.
  await writeFile(join(root, 'new'), await readFile(pathOf(1)));
  await rename(join(root, 'new'), pathOf(1));
  await until(() => told === 3);
  await store[Symbol.asyncDispose]();
  expect(faults).toEqual([]);
});

it('reads each revision once to know which blobs are used, and all again when they are others', async () => {
  const revisions = new Map([
    [1, makeRevision(1, { bundle: makeBlob('one').hash })],
    [2, makeRevision(2, { bundle: makeBlob('two').hash })],
  ]);
  const reads: number[] = [];
  let writtenAt = 5;
  const uses = createFileUses({
    numbers: async () => [...revisions.keys()],
    writtenAt: async () => writtenAt,
    read: async (number) => {
      reads.push(number);
      return revisions.get(number);
    },
  });
  const known = async (): Promise<string[]> => {
    const isUsed = await uses();
    return ['one', 'two', 'three'].filter((text) => isUsed(makeBlob(text).hash));
  };
  expect(await known()).toEqual(['one', 'two']);
  revisions.set(3, makeRevision(3, { bundle: makeBlob('three').hash }));
  revisions.delete(1);
  expect(await known()).toEqual(['two', 'three']);
  expect(reads).toEqual([1, 2, 3]);
  revisions.set(2, makeRevision(2, { bundle: makeBlob('one').hash }));
  writtenAt = 6;
  expect(await known()).toEqual(['one', 'three']);
});

it('says what to do where the folder cannot be used', async () => {
  await writeFile(dir, 'no folder');
  const store = open();
  store.watch(() => undefined);
  const { hash, bytes } = makeBlob('a');
  const calls = [() => store.head(), () => store.append(makeRevision(1)), () => store.putBlob(hash, bytes)];
  const wanted = { code: 'REGISTRY_UNAVAILABLE', status: 503, cause: { code: 'ENOTDIR' } };
  for (const call of calls) await expect(call()).rejects.toMatchObject(wanted);
  // Once, and not with every look.
  await until(() => faults.length > 0);
  await store[Symbol.asyncDispose]();
  expect(faults).toHaveLength(1);
});

it.each([
  ['ENOSPC', 'The disk of the registry is full'],
  ['EPERM', 'file system without hard links'],
])('says what to do when a revision gets no name because of %s', async (code, sentence) => {
  beforeLink = () => Promise.reject(Object.assign(new Error(code), { code, syscall: 'link' }));
  await once(async (store) => {
    const wanted = { code: 'REGISTRY_UNAVAILABLE', message: expect.stringContaining(sentence) };
    await expect(store.append(makeRevision(1))).rejects.toMatchObject(wanted);
    expect(await store.append(makeRevision(1))).toBe(true);
  });
  expect(await readdir(join(dir, 'temp'))).toEqual([]);
});
