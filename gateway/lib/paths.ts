import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** Whether a path lies below a folder, both absolute and without `..`; the folder itself does not. */
export function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/**
 * Where a file really lies, symbolic links followed: undefined when that is outside of the folder, wherever the folder itself lies.
 * A file that is not there is where its path says.
 */
export async function realPathBelow(folder: string, path: string): Promise<string | undefined> {
  const root = await realpath(folder).catch(() => folder);
  const real = await realpath(path).catch(() => undefined);
  // Not there: whoever opens it will be told so.
  if (real === undefined) return isBelow(folder, path) ? path : undefined;
  return isBelow(root, real) ? real : undefined;
}
