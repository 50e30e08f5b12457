import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { isRecord } from '../lib/json.ts';

const MAX_CONTRACT_FILES = 2000;
export const OUR_FILES = new Set(['policy.yaml', 'joins.graphql', 'README.md']);

/**
 * The files that shape a source, sorted: everything in its folder that is not ours where the contract stands there, the files the
 * handler names elsewhere, and .proto files below include folders of the project. Rejects when a named file is not there.
 *
 * @param source the handler's `source`: a path or pattern, `{ file, load: { includeDirs } }` or `{ reflection }`
 */
export async function contractFiles(dir: string, name: string, source: unknown): Promise<string[]> {
  const folder = resolve(dir, 'sources', name);
  const found = new Set<string>();
  const addFolder = async (path: string, wanted: (file: string) => boolean): Promise<void> => {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    for (const entry of entries)
      if (entry.isFile() && wanted(entry.name)) found.add(join(entry.parentPath, entry.name));
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
    else found.add(contract);
  }
  // What reflection answered once is in the folder; before that only the address is known.
  if (named.length === 0) await addFolder(folder, (each) => !OUR_FILES.has(each)).catch(() => undefined);
  for (const include of includeFolders(source).map((each) => resolve(dir, each))) {
    const isOurs = include.startsWith(`${resolve(dir)}${sep}`) && !`${include}${sep}`.startsWith(`${folder}${sep}`);
    if (isOurs) await addFolder(include, (each) => each.endsWith('.proto')).catch(() => undefined);
  }
  return [...found].sort().slice(0, MAX_CONTRACT_FILES);
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
