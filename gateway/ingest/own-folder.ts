import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { isBelow, realPathBelow } from '../lib/paths.ts';
import type { HandlerParams } from './handlers.ts';

/**
 * The folder of a source, when its contract stands there: then no file may lie outside of it, the contract itself included. A contract
 * that stands elsewhere was put there by who runs the gateway.
 *
 * @param file absolute path of the contract as `.meshrc.yaml` has it
 * @throws GatewayError BAD_REQUEST when a symbolic link leads the contract out of the folder
 */
export async function ownFolder(
  { baseDir, name }: Pick<HandlerParams, 'baseDir' | 'name'>,
  file: string,
): Promise<string | undefined> {
  const folder = join(baseDir, 'sources', name);
  if (!isBelow(folder, file)) return undefined;
  if ((await realPathBelow(folder, file)) !== undefined) return folder;
  throw new GatewayError('BAD_REQUEST', {
    message: `The contract ${file.slice(baseDir.length + 1)} is a link that leads out of sources/${name}: put the file itself there.`,
  });
}
