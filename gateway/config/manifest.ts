/** The file of trusted operations that `persistedOperations.manifest` names, read and checked when the configuration is loaded. */
import { createHash } from 'node:crypto';
import { isRecord } from '../lib/json.ts';

/** Largest manifest that is read, in bytes. */
export const MAX_MANIFEST_BYTES = 67_108_864;

const HASH = /^[0-9a-f]{64}$/;

export type Manifest = ReadonlyMap<string, string>;

/**
 * Reads a manifest: Apollo's (`{ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [{ "id", "body" }] }`), or a
 * map of hash to text as Relay and GraphQL Code Generator write it.
 *
 * @returns the texts by hash, or what is wrong; the sentence holds nothing of the file but hashes
 */
export function readManifest(text: string): { manifest: Manifest } | { fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'is not JSON' };
  }
  const entries = entriesOf(value);
  if (entries === undefined) return { fault: 'is neither Apollo’s persisted query manifest nor a map of hash to text' };
  const manifest = new Map<string, string>();
  for (const [id, body] of entries) {
    if (typeof id !== 'string' || typeof body !== 'string') return { fault: 'has an operation without id or body' };
    const hash = id.replace(/^sha256:/, '');
    if (!HASH.test(hash)) return { fault: `has an id that is no SHA-256 hash in hex: ${hash.slice(0, 80)}` };
    // Somebody else's text behind a trusted hash would run as trusted.
    if (hashOf(body) !== hash) return { fault: `has a text that is not the one of its hash: ${hash}` };
    manifest.set(hash, body);
  }
  return { manifest };
}

function entriesOf(value: unknown): [unknown, unknown][] | undefined {
  if (!isRecord(value)) return undefined;
  const { format, version, operations } = value;
  if (format === undefined) return Object.entries(value);
  if (format !== 'apollo-persisted-query-manifest' || version !== 1 || !Array.isArray(operations)) return undefined;
  return operations.map((operation: unknown) =>
    isRecord(operation) ? [operation['id'], operation['body']] : [undefined, undefined],
  );
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
