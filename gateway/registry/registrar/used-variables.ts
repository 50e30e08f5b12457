/** Which environment variables the sources of a project use. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDocument } from '../../config/document.ts';
import { MESHRC } from '../meshrc-text.ts';
import { entriesOf } from '../tree-hash.ts';

/** Variables that a YAML text is filled in from, however they are written in it. */
export function variablesOf(text: string): ReadonlySet<string> {
  return readDocument({ text, file: '', env: {} }).variables;
}

/**
 * Sources by name, each with what its policy and its entry use.
 * @param dir folder of the project as it is served
 * @param registered names that the registry knows; one that was withdrawn may come back
 */
export async function usedVariables(
  dir: string,
  registered: Iterable<string>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const entries = entriesOf(await readFile(join(dir, MESHRC), 'utf8').catch(() => ''));
  const used = new Map<string, ReadonlySet<string>>();
  for (const name of new Set([...entries.keys(), ...registered])) {
    const entry = entries.get(name);
    const policy = entry && (await readFile(join(dir, 'sources', name, 'policy.yaml'), 'utf8').catch(() => ''));
    used.set(name, new Set([...variablesOf(entry ?? ''), ...variablesOf(policy ?? '')]));
  }
  return used;
}
