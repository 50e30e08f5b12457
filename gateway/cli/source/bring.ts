/** A contract on this machine → the files of an upload, with everything it refers to. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { arrange } from '../../registry/arrange.ts';
import { readFiles } from '../../registry/registrar/upload.ts';
import type { Values } from '../command.ts';
import type { Io } from '../io.ts';
import { isUrl, type Named, namedContract, textOf } from './options.ts';

export type Brought = { name: string | undefined; body: Record<string, unknown> };

const MAX_BYTES = 134_217_728;

/** What an upload holds; the gateway itself fetches URLs and asks servers that describe themselves. */
export async function bring(io: Io, values: Values, contract: string | undefined, existing?: string): Promise<Brought> {
  const common: Record<string, unknown> = {};
  for (const key of ['policy', 'joins'] as const) {
    const file = textOf(values[key]);
    if (file !== undefined) common[key] = await readFile(resolve(io.cwd, file), 'utf8');
  }
  const named = namedContract(io, values, contract ?? '');
  if (named.endpoint !== undefined) common['endpoint'] = named.endpoint;
  if (named.kind !== undefined) common['kind'] = named.kind;
  if (Object.keys(named.metadata).length > 0) common['metadata'] = named.metadata;
  if (named.reflection !== undefined)
    return { name: named.name, body: { ...common, contract: { reflection: named.reflection } } };
  if (contract === undefined) return { name: existing, body: common };
  if (isUrl(contract)) return { name: named.name ?? existing, body: { ...common, contract: { url: contract } } };
  const { name, files, main } = await filesOf({ ...named, name: named.name ?? existing });
  return { name, body: { ...common, contract: { files, main } } };
}

async function filesOf(named: Named): Promise<{ name: string; files: Record<string, string>; main: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bring-'));
  try {
    // Where the service is, the gateway knows or says: here only the files count.
    const { name, layout } = await arrange({ ...named, endpoint: named.endpoint ?? 'unknown' });
    await layout.write(folder);
    const files = await readFiles(folder, MAX_BYTES);
    const coded = [...files].map(([path, bytes]) => [path, `base64:${bytes.toString('base64')}`]);
    return { name, files: Object.fromEntries(coded) as Record<string, string>, main: layout.main };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
