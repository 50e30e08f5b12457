/** What stands in the working tree for each source, as a hash: entry and folder, byte for byte. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isMap, isSeq, parse, parseDocument, stringify } from 'yaml';
import { sha256 } from '../lib/hash.ts';
import { MESHRC } from './meshrc-text.ts';

/** Entries of the list of sources by name, each as YAML of its own; empty where the file cannot be read as one. */
export function entriesOf(meshrc: string): ReadonlyMap<string, string> {
  const document = parseDocument(meshrc, { logLevel: 'silent', uniqueKeys: false });
  const sources = document.errors.length === 0 ? document.get('sources') : undefined;
  const items = isSeq(sources) ? sources.items.filter(isMap) : [];
  return new Map(
    items.map((item) => [String(item.get('name')), stringify(item.toJS(document, { maxAliasCount: 50 }))]),
  );
}

/** @param names sources that are asked about; those without an entry have no hash */
export async function treeHashes(
  dir: string,
  entries: ReadonlyMap<string, string>,
  names: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  for (const name of names) {
    const entry = entries.get(name);
    if (entry !== undefined) hashes.set(name, sha256([entry, ...(await folderParts(join(dir, 'sources', name)))]));
  }
  return hashes;
}

async function folderParts(folder: string): Promise<(string | Uint8Array)[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const parts: (string | Uint8Array)[] = [];
  for (const file of files.sort()) parts.push(relative(folder, file).split(sep).join('/'), await readFile(file));
  return parts;
}

/** The entry of one source as plain values, environment variables not filled in. */
export async function entryOf(dir: string, name: string): Promise<Record<string, unknown> | undefined> {
  const text = entriesOf(await readFile(join(dir, MESHRC), 'utf8').catch(() => '')).get(name);
  return text === undefined ? undefined : (parse(text) as Record<string, unknown>);
}
