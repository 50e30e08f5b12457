/** A source as it stands: what serves now, what an earlier version was, what the working tree has. */
import { join } from 'node:path';
import type { Environment } from '../../config/env.ts';
import { parsePolicy } from '../../config/load.ts';
import type { Policy } from '../../config/policy.ts';
import { stableStringify } from '../../lib/json.ts';
import type { Bundle } from '../bundle.ts';
import { entryOf } from '../tree-hash.ts';
import type { ProjectView } from '../view.ts';
import { readFiles } from './upload.ts';

export type Source = {
  entry: Bundle['entry'];
  files: Map<string, Buffer>;
  /** For the report. */
  notes: Bundle['report']['notes'];
  /** What the import of this very version said; a version that comes back is the same bundle again. */
  report?: Bundle['report'];
};

export function sourceOf({ entry, files, report }: Bundle): Source {
  const read = Object.entries(files).map(([path, text]) => [path, Buffer.from(text, 'base64')] as const);
  return { entry, files: new Map(read), notes: [], report };
}

/** What the working tree has of a name. */
export async function treeSource(dir: string, name: string, maxBytes: number): Promise<Source | undefined> {
  const entry = await entryOf(dir, name);
  if (!entry) return undefined;
  const files = await readFiles(join(dir, 'sources', name), maxBytes).catch(() => new Map<string, Buffer>());
  return { entry, files, notes: [] };
}

/** What is served under a name; undefined where there is none. */
export async function standing(view: ProjectView, name: string, maxBytes: number): Promise<Source | undefined> {
  const bundle = view.registered.get(name)?.bundle;
  if (!bundle) return await treeSource(view.dir, name, maxBytes);
  // What was registered is there, whatever may be registered now.
  const files = await readFiles(join(view.dir, 'sources', name), Number.POSITIVE_INFINITY);
  return { entry: bundle.entry, files, notes: [], report: bundle.report };
}

/** The policy of a source; undefined where it cannot be read. */
export function policyOf(
  files: ReadonlyMap<string, Buffer> | undefined,
  name: string,
  env: Environment,
): Policy | undefined {
  const text = files?.get('policy.yaml')?.toString('utf8') ?? '';
  const policy = parsePolicy({ text, file: `sources/${name}/policy.yaml`, env });
  return policy.ok ? policy.value : undefined;
}

/** The team that the policy of a source names; undefined where it names none or cannot be read. */
export function ownerOf(...args: Parameters<typeof policyOf>): string | undefined {
  return policyOf(...args)?.owner;
}

/** Whether two are the same, byte for byte. */
export function isSame(a: Source, b: Source): boolean {
  if (a.files.size !== b.files.size || stableStringify(a.entry) !== stableStringify(b.entry)) return false;
  return [...a.files].every(([path, bytes]) => b.files.get(path)?.equals(bytes) === true);
}
