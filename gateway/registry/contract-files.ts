import { opendir, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { isRecord } from '../lib/json.ts';

export const OUR_FILES = new Set(['policy.yaml', 'joins.graphql', 'README.md']);

/** There are more files than a contract may have. */
export class TooManyFiles extends Error {}

/**
 * The files that shape a source, sorted: everything in its folder that is not ours where the contract stands there, the files the
 * handler names elsewhere, and .proto files below include folders of the project. Rejects when a named file is not there.
 *
 * @param source the handler's `source`: a path or pattern, `{ file, load: { includeDirs } }` or `{ reflection }`
 * @throws TooManyFiles as soon as there is one above `maxFiles`, however many there are
 */
export async function contractFiles(dir: string, name: string, source: unknown, maxFiles: number): Promise<string[]> {
  const folder = resolve(dir, 'sources', name);
  const found = new Set<string>();
  const add = (path: string): void => {
    found.add(path);
    if (found.size > maxFiles) throw new TooManyFiles();
  };
  const addFolder = async (path: string, wanted: (file: string) => boolean): Promise<void> => {
    let looked = 0;
    for (const folders = [path]; folders.length > 0; ) {
      const current = folders.pop() as string;
      for await (const entry of await opendir(current)) {
        looked += 1;
        // Folders and what is not wanted count, too: looking at them takes as long.
        if (looked > maxFiles * 10) throw new TooManyFiles();
        if (entry.isDirectory()) folders.push(join(current, entry.name));
        else if (entry.isFile() && wanted(entry.name)) add(join(current, entry.name));
      }
    }
  };
  const named = namedFiles(source);
  for (const file of named) {
    const contract = resolve(dir, file);
    const isPattern = contract.includes('*');
    const start = isPattern ? dirname(contract.slice(0, contract.indexOf('*') + 1)) : contract;
    await stat(start);
    if (`${dirname(contract)}${sep}`.startsWith(`${folder}${sep}`))
      await addFolder(folder, (each) => !OUR_FILES.has(each));
    else if (isPattern) await addFolder(start, (each) => each.endsWith('.proto'));
    else add(contract);
  }
  // What reflection answered once is in the folder; before that only the address is known.
  if (named.length === 0) await addFolder(folder, (each) => !OUR_FILES.has(each)).catch(unlessTooMany);
  for (const include of includeFolders(source).map((each) => resolve(dir, each))) {
    const isOurs = include.startsWith(`${resolve(dir)}${sep}`) && !`${include}${sep}`.startsWith(`${folder}${sep}`);
    if (isOurs) await addFolder(include, (each) => each.endsWith('.proto')).catch(unlessTooMany);
  }
  return [...found].sort();
}

/** A folder that is not there is no fault. */
function unlessTooMany(error: unknown): void {
  if (error instanceof TooManyFiles) throw error;
}

function namedFiles(source: unknown): string[] {
  if (typeof source === 'string') return /^grpcs?:\/\//.test(source) ? [] : [source];
  if (!isRecord(source)) throw new TypeError('no contract file');
  const files = Array.isArray(source['file']) ? source['file'] : [source['file']];
  if (source['reflection'] === undefined && typeof files[0] !== 'string') throw new TypeError('no contract file');
  return files.filter((file) => typeof file === 'string');
}

function includeFolders(source: unknown): string[] {
  const load = isRecord(source) ? source['load'] : undefined;
  const folders = isRecord(load) ? load['includeDirs'] : undefined;
  return Array.isArray(folders) ? folders.map(String) : [];
}
