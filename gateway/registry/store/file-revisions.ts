/** The revisions of a folder, one file each: `revisions/000000000012.json`. */
import { link, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../../errors.ts';
import { hasCode, ifThere, makeFolder, removeFile, syncFolder, writeTemp } from './durable.ts';
import { decodeRevision, encodeRevision } from './revision-text.ts';
import type { Revision } from './store.ts';

export type FileRevisionsOptions = {
  /** Folder of the registry. */
  readonly dir: string;
  /** Folder for files that are being written, on the same file system. */
  readonly temp: string;
  /** How many are kept; see `keepRevisions` of gateway.yaml. */
  readonly keep: number;
  readonly now: () => number;
};

export type FileRevisions = {
  readonly folder: string;
  /** In ascending order, those kept: what is about to be removed is not among them. */
  numbers(): Promise<readonly number[]>;
  /** Undefined when it is not there (any more). */
  read(number: number): Promise<Revision | undefined>;
  /** Time its file was written, in ms: tells one from another of the same number, as a restored copy brings. */
  writtenAt(number: number): Promise<number>;
  append(revision: Revision): Promise<boolean>;
  /** Removes those that are not kept. */
  trim(): Promise<void>;
};

const NAME = /^(\d{12})\.json$/;

export function openFileRevisions({ dir, temp, keep, now }: FileRevisionsOptions): FileRevisions {
  const folder = join(dir, 'revisions');
  const nameOf = (number: number): string => `${String(number).padStart(12, '0')}.json`;
  const pathOf = (number: number): string => join(folder, nameOf(number));

  async function list(): Promise<number[]> {
    const names = (await ifThere(readdir(folder))) ?? [];
    const numbers = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
    return numbers.sort((a, b) => a - b);
  }

  async function isNext(number: number): Promise<boolean> {
    return ((await list()).at(-1) ?? 0) === number - 1;
  }

  /**
   * Whether others went on without a revision that was just linked: it took so long between looking and linking that its number had
   * been given, and removed with age, in the meantime.
   */
  async function isLate(number: number): Promise<boolean> {
    const numbers = await list();
    const head = numbers.at(-1) ?? number;
    return head > number && (head - number >= keep || !numbers.includes(number + 1));
  }

  return {
    folder,
    async numbers() {
      const all = await list();
      const head = all.at(-1) ?? 0;
      return all.filter((number) => number > head - keep);
    },
    async read(number) {
      const text = await ifThere(readFile(pathOf(number), 'utf8'));
      return text === undefined ? undefined : decodeRevision(text, number, `revisions/${nameOf(number)}`);
    },
    writtenAt: async (number) => (await ifThere(stat(pathOf(number))))?.mtimeMs ?? 0,
    async append(revision) {
      const { number } = revision;
      const { text } = encodeRevision(revision);
      if (!(await isNext(number))) return false;
      await makeFolder(folder);
      await makeFolder(temp);
      const written = await writeTemp(temp, text, now());
      try {
        // Fails where the name is taken, in one step for all processes: this is the compare-and-set.
        await link(written, pathOf(number));
      } catch (error) {
        if (hasCode(error, 'EEXIST')) return false;
        throw error;
      } finally {
        await removeFile(written);
      }
      if (await isLate(number)) {
        await removeFile(pathOf(number));
        return false;
      }
      await confirmed(syncFolder(folder));
      return true;
    },
    async trim() {
      const all = await list();
      const head = all.at(-1) ?? 0;
      for (const number of all) if (number <= head - keep) await removeFile(pathOf(number));
    },
  };
}

/** By now others may have seen the revision, and it may last or not. */
async function confirmed(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    const message = 'The registry’s disk did not confirm the change: look whether it was made before trying again.';
    throw new GatewayError('REGISTRY_UNAVAILABLE', { message, cause });
  }
}
