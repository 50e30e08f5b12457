import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { readFiles } from '../ingest/openapi/files.ts';
import { referredFiles } from '../ingest/openapi/resolve.ts';
import type { Note } from '../ingest/wire.ts';
import { type Layout, layOutFile } from './grpc-layout.ts';

/**
 * An OpenAPI contract and the files it refers to, each at its place relative to the others; a contract of one file gets the
 * usual name. Files that cannot be brought along are told in the notes.
 * @param includeDirs absolute paths; files may lie below one that holds the contract, else below the contract's own folder
 */
export async function layOutOpenapi(contract: string, includeDirs: readonly string[]): Promise<Layout> {
  const main = basename(contract);
  const folder = dirname(resolve(contract));
  const root = includeDirs.find((dir) => `${folder}${sep}`.startsWith(`${dir}${sep}`)) ?? folder;
  const files = await readFiles(main, { folder, root, refersTo: referredFiles });
  const found = [...files].filter(([, parsed]) => parsed.ok).map(([name]) => name);
  const notes = [...files].flatMap(([name, parsed]): Note[] =>
    parsed.ok || name === main ? [] : [{ pointer: name, text: `is referred to, but ${parsed.reason}` }],
  );
  if (found.length <= 1) {
    const alone = layOutFile(contract, extname(contract).toLowerCase() === '.json' ? 'openapi.json' : 'openapi.yaml');
    return { ...alone, notes };
  }
  const placeOf = (name: string): string => relative(root, join(folder, name));
  return {
    main: placeOf(main),
    source: (source) => `./sources/${source}/${placeOf(main).split(sep).join('/')}`,
    write: async (target) => {
      for (const name of found) {
        await mkdir(dirname(join(target, placeOf(name))), { recursive: true });
        await copyFile(join(folder, name), join(target, placeOf(name)));
      }
    },
    notes,
  };
}
