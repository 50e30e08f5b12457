import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import type { ContractLimits } from '../config/build.ts';
import { readFiles } from '../ingest/openapi/files.ts';
import { referredFiles } from '../ingest/openapi/resolve.ts';
import type { Note } from '../ingest/wire.ts';
import { isBelow } from '../lib/paths.ts';
import type { LayoutPlan } from './layout.ts';

/**
 * An OpenAPI contract and the files it refers to, each at its place relative to the others; a contract of one file gets the
 * usual name. Files that cannot be brought along are told in the notes.
 * @param includeDirs absolute paths; files may lie below one that holds the contract, else below the contract's own folder
 */
export async function planOpenapi(
  contract: string,
  includeDirs: readonly string[],
  limits: ContractLimits,
): Promise<LayoutPlan> {
  const main = basename(contract);
  const folder = dirname(resolve(contract));
  const root = includeDirs.find((dir) => dir === folder || isBelow(dir, folder)) ?? folder;
  const files = await readFiles(main, { folder, root, refersTo: referredFiles, limits });
  const found = [...files].filter(([, parsed]) => parsed.ok).map(([name]) => name);
  const notes = [...files].flatMap(([name, parsed]): Note[] =>
    parsed.ok || name === main ? [] : [{ pointer: name, text: `is referred to, but ${parsed.reason}` }],
  );
  const placeOf = (name: string): string => relative(root, join(folder, name)).split(sep).join('/');
  const usual = extname(contract).toLowerCase() === '.json' ? 'openapi.json' : 'openapi.yaml';
  if (found.length <= 1) return { main: usual, files: [[contract, usual]], isIncluded: false, notes };
  const copies = found.map((name): [string, string] => [join(folder, name), placeOf(name)]);
  return { main: placeOf(main), files: copies, isIncluded: false, notes };
}
