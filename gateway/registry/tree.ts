import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDefaults, type ContractLimits } from '../config/build.ts';
import type { Environment } from '../config/env.ts';
import { type Fault, formatFaults } from '../config/faults.ts';
import { loadMeshrc, loadPolicy } from '../config/load.ts';
import type { Handler } from '../config/meshrc.ts';
import { maxFileBytes } from '../config/parse.ts';
import { defaultPolicy, type Policy } from '../config/policy.ts';
import { readBounded } from '../lib/bounded-file.ts';
import { isRecord } from '../lib/json.ts';
import { contractHash } from './contract-hash.ts';

/** One source as the working tree has it. */
export type TreeSource = {
  name: string;
  kind: Handler['kind'];
  policy: Policy;
  /** Whether that is what the team wrote, now or before: not what stands in for a file that could never be read. */
  isPolicyKnown: boolean;
  joins: string;
  /** Hash of everything that shapes the source's text; undefined when the contract cannot be read. */
  hash: string | undefined;
  /** From policy.yaml, else from .meshrc.yaml; empty for the contract's own server. */
  endpoints: string[];
  headers: Record<string, string>;
  /** Why the source cannot be taken as it stands (a fault in its policy). */
  fault?: string;
};

export type Tree = { dir: string; env: Environment; sources: TreeSource[] };

export type TreeResult = { ok: true; tree: Tree; faults: Fault[] } | { ok: false; faults: Fault[] };

/** Names given before: `schemas/names.lock.json`. */
export type NamesLock = Record<
  string,
  { operations: Record<string, string>; types: Record<string, string>; fields: Record<string, string> }
>;

/**
 * Reads what the team wrote. A fault in one policy marks its source, which goes on with its last good policy, and so does a
 * contract above the limits; a fault in `.meshrc.yaml` leaves nothing to serve, and so do joins that are too long to be read.
 */
export async function readTree(
  dir: string,
  env: Environment,
  lastGood: ReadonlyMap<string, Policy> = new Map(),
  limits: ContractLimits = buildDefaults,
): Promise<TreeResult> {
  const meshrc = await loadMeshrc({ dir, env });
  if (!meshrc.ok) return { ok: false, faults: [...meshrc.faults, ...(await policyFaults(dir, env))] };
  const faults: Fault[] = [];
  const sources: TreeSource[] = [];
  for (const { name, handler, transforms } of meshrc.value.sources) {
    const loaded = await loadPolicy({ dir, env, source: name });
    const known = lastGood.get(name);
    const policy = loaded.ok ? loaded.value : (known ?? defaultPolicy());
    if (!loaded.ok) faults.push(...loaded.faults);
    const options = isRecord(handler.options) ? handler.options : {};
    // Without a policy to go by, the text there is stands: reading the contract anew would bring back what was left out.
    const hashed = loaded.ok || known ? await contractHash(dir, name, handler, policy, limits) : { hash: undefined };
    const { joins, faults: tooMuch } = await readJoins(dir, name);
    // Fields that clients use would be gone without them.
    if (tooMuch.length > 0) return { ok: false, faults: [...faults, ...tooMuch] };
    const source: TreeSource = {
      name,
      kind: handler.kind,
      policy,
      isPolicyKnown: loaded.ok || known !== undefined,
      joins,
      hash: hashed.hash,
      endpoints:
        policy.endpoints.static ??
        (typeof options['endpoint'] === 'string' && options['endpoint'] !== '' ? [options['endpoint']] : []),
      headers: stringsOf(options['operationHeaders'] ?? options['metaData']),
    };
    const faulty = loaded.ok ? transformFault(transforms) : formatFaults(loaded.faults).trim().replaceAll('\n', '; ');
    const fault = faulty ?? hashed.fault;
    sources.push(fault === undefined ? source : { ...source, fault });
  }
  return { ok: true, tree: { dir, env, sources }, faults };
}

/** Faults of every policy there is, for a tree whose list of sources cannot be read: one look shows all. */
async function policyFaults(dir: string, env: Environment): Promise<Fault[]> {
  const names = await readdir(join(dir, 'sources')).catch(() => []);
  const loaded = await Promise.all(names.sort().map((source) => loadPolicy({ dir, env, source })));
  return loaded.flatMap((policy) => (policy.ok ? [] : [...policy.faults]));
}

function transformFault(transforms: readonly Record<string, unknown>[]): string | undefined {
  const [first] = transforms.flatMap((transform) => Object.keys(transform));
  return first === undefined
    ? undefined
    : `Mesh's transform ${first} is not applied here: rename and leave out in policy.yaml (names, operations).`;
}

function stringsOf(value: unknown): Record<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** The text of a source's joins, empty where there is none. */
async function readJoins(dir: string, name: string): Promise<{ joins: string; faults: Fault[] }> {
  const file = join('sources', name, 'joins.graphql');
  const read = await readBounded(join(dir, file), maxFileBytes).catch(() => undefined);
  if (read === undefined || Buffer.isBuffer(read)) return { joins: read?.toString('utf8') ?? '', faults: [] };
  const message = read.reason === 'is too large' ? `is larger than ${maxFileBytes} bytes` : read.reason;
  return { joins: '', faults: [{ file, line: 0, column: 0, path: '', message }] };
}

/** The text of a file, or undefined where there is none. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
