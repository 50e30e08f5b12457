/** A source as one versioned value, addressed by its content: what the registry stores and replicas exchange. */
import { GatewayError } from '../errors.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { contentHash } from '../lib/hash.ts';
import { isRecord, stableStringify } from '../lib/json.ts';

export type Bundle = {
  name: string;
  /** Its entry in `.meshrc.yaml`: `{ name, handler: { openapi | grpc | graphql: { … } } }`. */
  entry: Record<string, unknown>;
  /** Files below `sources/<name>/` by relative path with forward slashes; contents in base64. */
  files: Record<string, string>;
  /** `schemas/<name>.graphql` as it was built, so that replicas do not read contracts. */
  text: string;
  /** Its part of `names.lock.json`. */
  names: { operations: Record<string, string>; types: Record<string, string>; fields: Record<string, string> };
  report: ImportReport;
};

/** The bundle as bytes that are the same for the same bundle, and their SHA-256 in hex. */
export function encodeBundle(bundle: Bundle): { hash: string; bytes: Buffer } {
  const bytes = Buffer.from(stableStringify(bundle));
  return { hash: contentHash(bytes), bytes };
}

/** @throws GatewayError INTERNAL when the bytes are no bundle of that hash */
export function decodeBundle(hash: string, bytes: Buffer): Bundle {
  if (contentHash(bytes) === hash) {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isRecord(value) && typeof value['name'] === 'string' && isRecord(value['files'])) return value as Bundle;
  }
  throw new GatewayError('INTERNAL', {
    cause: new Error(`The registry holds no bundle ${hash}: its bytes are others.`),
  });
}
