import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fetchDescriptorSet } from '../connect/grpc/reflection.ts';
import { DESCRIPTORS, undescribedNotes } from '../ingest/grpc/source.ts';
import type { Note } from '../ingest/wire.ts';

/** How a contract comes into a source's folder. */
export type Layout = {
  /** Path of the contract in the folder. */
  main: string;
  /** The handler's `source` for a source of this name. */
  source: (name: string) => unknown;
  write: (folder: string) => Promise<void>;
  /** What did not come with it, for the report. */
  notes?: Note[];
};

/** Which files a contract consists of: found out by reading it, so not where requests are served. */
export type LayoutPlan = {
  /** Path of the contract in the folder. */
  main: string;
  /** Absolute path of each file, and its path in the folder. */
  files: [from: string, to: string][];
  /** Whether imports are looked for from the folder itself. */
  isIncluded: boolean;
  notes: Note[];
};

export function layoutOf({ main, files, isIncluded, notes }: LayoutPlan): Layout {
  return {
    main,
    source: (name) => {
      const file = `./sources/${name}/${main}`;
      return isIncluded ? { file, load: { includeDirs: [`./sources/${name}`] } } : file;
    },
    write: async (folder) => {
      for (const [from, to] of files) {
        await mkdir(dirname(join(folder, to)), { recursive: true });
        await copyFile(from, join(folder, to));
      }
    },
    notes,
  };
}

/** One file under a name of its own. */
export function layOutFile(contract: string, main: string): Layout {
  return layoutOf({ main, files: [[contract, main]], isIncluded: false, notes: [] });
}

/** What a server says of itself, kept as a descriptor set so that builds need no network. */
export async function layOutReflection(
  source: string,
  address: string,
  metadata: ReadonlyMap<string, string>,
): Promise<Layout> {
  const fetched = await fetchDescriptorSet({ source, address, metadata });
  return {
    main: DESCRIPTORS,
    source: (name) => `./sources/${name}/${DESCRIPTORS}`,
    write: (folder) => writeFile(join(folder, DESCRIPTORS), fetched.bytes),
    notes: undescribedNotes(fetched),
  };
}
